import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrations.ts';
import { insertNotification } from '../../src/store/notifications.ts';
import { orderByKey } from '../../src/store/order-queries.ts';
import {
  reviewCounts,
  reviewExamples,
  riskCounts,
  riskExamples,
  warningCount,
  warningExamples,
} from '../../src/store/orders-alerts.ts';
import { newestOrders, reviewOrders } from '../../src/store/orders-list.ts';
import {
  countByStage,
  longestDue,
  neverRead,
  ordersByFulfillment,
  ordersByOrderId,
  promised,
  readLongestAgo,
} from '../../src/store/orders-read.ts';
import { dueOrders, expiredLeases } from '../../src/store/orders-write.ts';
import { returnsOfOrder, unsettledReturns } from '../../src/store/returns.ts';
import { type Connection, openConnection } from '../../src/store/sqlite/driver.ts';

describe('query plans', () => {
  let connection: Connection;

  beforeAll(() => {
    connection = openConnection(':memory:');
    migrate(connection, 0);
  });

  afterAll(() => connection.close());

  const planOf = (sql: string): string => {
    const explain = {
      sql: `explain query plan ${sql}`,
      bind: () => [],
      rows: (raw: readonly unknown[]) => raw as { detail: string }[],
    };
    return connection
      .all(explain, {})
      .map((step) => step.detail)
      .join('\n');
  };

  it.each([
    ['claiming what is due', dueOrders('').sql, 'orders_due'],
    ['claiming what is due and new', dueOrders('new').sql, 'orders_due '],
    ['claiming what is due and placed', dueOrders('placed').sql, 'orders_due_placed'],
    ['the longest due', longestDue.sql, 'orders_due'],
    ['leases that ran out', expiredLeases.sql, 'orders_leased'],
    ['the list of a stage', newestOrders('stage').sql, 'orders_stage'],
    ['the next page of a stage', newestOrders('stage cursor').sql, 'orders_stage'],
    ['the list of a reason', newestOrders('reason').sql, 'orders_reason'],
    ['the review queue', reviewOrders('').sql, 'orders_review'],
    ['the next page of the review queue', reviewOrders('cursor').sql, 'orders_review'],
    ['the review queue of a reason', reviewOrders('reason').sql, 'orders_review_reason'],
    ['counting reviews by reason', reviewCounts.sql, 'COVERING INDEX orders_review_reason'],
    ['examples of a review', reviewExamples.sql, 'orders_review_reason'],
    ['counting orders at risk', riskCounts.sql, 'orders_deadline (<expr><?)'],
    ['examples of orders at risk', riskExamples.sql, 'orders_deadline (<expr><?)'],
    ['counting warned parcels', warningCount.sql, 'packages_warned'],
    ['examples of warned parcels', warningExamples.sql, 'packages_warned'],
    ['an order by its key', orderByKey.sql, 'orders_key'],
    ['orders by fulfillment', ordersByFulfillment.sql, 'orders_fulfillment'],
    ['returns of an order', returnsOfOrder.sql, 'PRIMARY KEY (channel=? AND shop_id=? AND order_id=?)'],
    ['returns to be decided about', unsettledReturns.sql, 'returns_unsettled'],
    ['orders never read', neverRead.sql, 'orders_unread'],
    ['open fulfillments read longest ago', readLongestAgo.sql, 'orders_open_fulfillment'],
    ['counting by stage', countByStage.sql, 'COVERING INDEX orders_stage'],
  ])('%s goes through its index and sorts nothing', (_, sql, index) => {
    const plan = planOf(sql);

    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
    expect(plan).not.toMatch(/SCAN orders$/m);
  });

  it.each([
    ['an order by its id alone', ordersByOrderId.sql, ['orders_key']],
    ['promised units', promised.sql, ['orders_stage', 'PRIMARY KEY (order_ref=?)']],
    [
      'a search',
      newestOrders('q').sql,
      [
        'orders_key (order_id=?)',
        'orders_fulfillment (fulfillment_id=?)',
        'packages_reported_number',
        'packages_carrier_tracking',
        'packages_amazon_tracking',
      ],
    ],
  ])('%s reads no table from end to end', (_, sql, indexes) => {
    const plan = planOf(sql);

    for (const index of indexes) expect(plan).toContain(index);
    expect(plan).not.toMatch(/SCAN (orders|packages|order_units)\b/);
  });

  it('deduplicates through the unique index', () => {
    expect(insertNotification.sql).toContain('on conflict ("dedupe_key", "channel") do nothing');
    expect(planOf('select 1 from notifications where dedupe_key = ? and channel = ?')).toContain(
      'notifications_dedupe (dedupe_key=? AND channel=?)',
    );
  });
});
