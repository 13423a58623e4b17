import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditPages, oldAudit } from '../../src/store/audit.ts';
import { callsOf, lastCall, oldCalls } from '../../src/store/calls.ts';
import { noticesAfter } from '../../src/store/connect.ts';
import { migrate } from '../../src/store/migrations.ts';
import { insertNotification } from '../../src/store/notifications.ts';
import { hintsOfDeliveries } from '../../src/store/order-hints.ts';
import { dueOrders, firstOfShop, nextShop } from '../../src/store/order-lanes.ts';
import { orderByKey } from '../../src/store/order-queries.ts';
import {
  reviewCounts,
  reviewExamples,
  riskCounts,
  riskExamples,
  warningCount,
  warningExamples,
} from '../../src/store/orders-alerts.ts';
import { receiptFrom } from '../../src/store/orders-list.ts';
import { newestOrders, reviewOrders, riskyOrders } from '../../src/store/orders-list-queries.ts';
import {
  countByStage,
  countByStageOfShop,
  neverRead,
  ordersByFulfillment,
  ordersByOrderId,
  ordersByOrderIdOfShop,
  promised,
  readLongestAgo,
  reviewsOfShop,
} from '../../src/store/orders-read.ts';
import {
  expiredLeases,
  nextExpiry,
  wakeByReason,
  wakeFailed,
  wakeOfShop,
} from '../../src/store/orders-write.ts';
import {
  forgetReturns,
  lastEvent,
  nextOrders,
  oldNotifications,
  partsOfOrder,
} from '../../src/store/retention.ts';
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
    [
      'claiming: new',
      dueOrders('new').sql,
      'orders_due (shop_id=? AND next_attempt_at>? AND next_attempt_at<?)',
    ],
    ['notices about authorisations', noticesAfter.sql, 'notifications_authorisation (id>?)'],
    ['the audit log of a person', auditPages('who').sql, 'audit_by_who (who=?)'],
    ['its next page', auditPages('who cursor').sql, 'audit_by_who (who=? AND rowid<?)'],
    ['the audit log of an action', auditPages('action').sql, 'audit_by_action (action=?)'],
    ['the audit log of an order', auditPages('target').sql, 'audit_by_target (target=?)'],
    ['the audit log from a page on', auditPages('cursor').sql, 'INTEGER PRIMARY KEY (rowid<?)'],
    ['pruning the audit log', oldAudit.sql, 'INTEGER PRIMARY KEY (rowid=?)'],
    ['the next shop: new', nextShop('new').sql, 'orders_due (shop_id>?)'],
    ['the first of a shop: new', firstOfShop('new').sql, 'orders_due (shop_id=?'],
    ['claiming: ready', dueOrders('ready').sql, 'orders_due_ready (shop_id=?)'],
    ['the next shop: ready', nextShop('ready').sql, 'orders_due_ready (shop_id>?)'],
    ['the first of a shop: ready', firstOfShop('ready').sql, 'orders_due_ready (shop_id=?'],
    ['claiming: moved', dueOrders('moved').sql, 'orders_due_moved (shop_id=? AND next_attempt_at<?)'],
    ['the next shop: moved', nextShop('moved').sql, 'orders_due_moved (shop_id>?)'],
    ['the first of a shop: moved', firstOfShop('moved').sql, 'orders_due_moved (shop_id=?'],
    [
      'claiming: placed',
      dueOrders('placed').sql,
      'orders_due_placed (shop_id=? AND next_attempt_at>? AND next_attempt_at<?)',
    ],
    ['the next shop: placed', nextShop('placed').sql, 'orders_due_placed (shop_id>?)'],
    ['the first of a shop: placed', firstOfShop('placed').sql, 'orders_due_placed (shop_id=?'],
    ['the next lease to run out', nextExpiry.sql, 'orders_leased'],
    ['leases that ran out', expiredLeases.sql, 'orders_leased'],
    ['waking the read orders of a reason', wakeByReason[0]?.sql ?? '', 'orders_reason (reason=?)'],
    ['waking the unread orders of a reason', wakeByReason[1]?.sql ?? '', 'orders_unread'],
    ['waking what failed', wakeFailed.sql, 'orders_failed'],
    ['waking a shop’s new orders', wakeOfShop[0]?.sql ?? '', 'orders_due (shop_id=?'],
    ['waking a shop’s placed orders', wakeOfShop[1]?.sql ?? '', 'orders_due_placed (shop_id=?'],
    ['the list of a stage', newestOrders({ hasStage: true }).sql, 'orders_stage (stage=?)'],
    ['the list of a stage with orders never read', newestOrders({ hasStage: true }).sql, 'orders_unread'],
    [
      'the next page of a stage',
      newestOrders({ hasStage: true, hasCursor: true }).sql,
      'orders_stage (stage=? AND id<?)',
    ],
    ['the list of a reason', newestOrders({ hasReason: true }).sql, 'orders_reason (reason=?)'],
    ['the list of a reason with orders never read', newestOrders({ hasReason: true }).sql, 'orders_unread'],
    [
      'the list of a reason in a stage',
      newestOrders({ hasStage: true, hasReason: true }).sql,
      'orders_reason (reason=?)',
    ],
    ['the list of a shop', newestOrders({ hasShop: true }).sql, 'orders_shop (shop_id=? AND stage=?)'],
    [
      'the next page of a shop',
      newestOrders({ hasShop: true, hasCursor: true }).sql,
      'orders_shop (shop_id=? AND stage=? AND id<?)',
    ],
    ['the list of a shop with orders never read', newestOrders({ hasShop: true }).sql, 'orders_unread'],
    [
      'a stage of a shop',
      newestOrders({ hasShop: true, hasStage: true }).sql,
      'orders_shop (shop_id=? AND stage=?)',
    ],
    ['a reason in a shop', newestOrders({ hasShop: true, hasReason: true }).sql, 'orders_reason (reason=?)'],
    [
      'a reason in a stage of a shop',
      newestOrders({ hasShop: true, hasStage: true, hasReason: true }).sql,
      'orders_reason (reason=?)',
    ],
    [
      'what was received in a time',
      newestOrders({ hasTimes: true }).sql,
      'INTEGER PRIMARY KEY (rowid>? AND rowid<?)',
    ],
    [
      'what a shop received in a time',
      newestOrders({ hasShop: true, hasTimes: true, hasCursor: true }).sql,
      'orders_shop (shop_id=? AND stage=? AND id>? AND id<?)',
    ],
    ['finding the first order of a time', receiptFrom.sql, 'INTEGER PRIMARY KEY (rowid>?)'],
    ['the review queue of a shop', reviewOrders({ hasShop: true }).sql, 'orders_review'],
    [
      'the review queue of a shop for a reason',
      reviewOrders({ hasShop: true, hasReason: true }).sql,
      'orders_review_reason (stage=? AND reason=?)',
    ],
    ['orders at risk', riskyOrders({}).sql, 'orders_deadline (<expr><?)'],
    [
      'the next orders at risk of a shop, by stage and reason',
      riskyOrders({ hasShop: true, hasStage: true, hasReason: true, hasCursor: true }).sql,
      'orders_deadline',
    ],
    ['the review queue', reviewOrders({}).sql, 'orders_review'],
    ['the next page of the review queue', reviewOrders({ hasCursor: true }).sql, 'orders_review'],
    ['the review queue of a reason', reviewOrders({ hasReason: true }).sql, 'orders_review_reason'],
    ['counting reviews by reason', reviewCounts.sql, 'COVERING INDEX orders_review_reason'],
    ['examples of a review', reviewExamples.sql, 'orders_review_reason'],
    ['counting orders at risk', riskCounts.sql, 'orders_deadline (<expr><?)'],
    ['examples of orders at risk', riskExamples.sql, 'orders_deadline (<expr><?)'],
    ['counting warned parcels', warningCount.sql, 'packages_warned'],
    ['examples of warned parcels', warningExamples.sql, 'packages_warned'],
    ['an order by its key', orderByKey.sql, 'orders_key'],
    [
      'orders by fulfillment',
      ordersByFulfillment.sql,
      'orders_fulfillment (fulfillment_id=? AND amazon_account=?)',
    ],
    ['returns of an order', returnsOfOrder.sql, 'PRIMARY KEY (channel=? AND shop_id=? AND order_id=?)'],
    ['returns to be decided about', unsettledReturns.sql, 'returns_unsettled'],
    ['orders never read', neverRead.sql, 'orders_unread'],
    ['open fulfillments read longest ago', readLongestAgo.sql, 'orders_open_fulfillment (amazon_account=?)'],
    ['counting by stage: read orders', countByStage.sql, 'SCAN stage_counts'],
    ['counting by stage: orders never read', countByStage.sql, 'COVERING INDEX orders_unread'],
    ['counting the reviews of a shop', reviewsOfShop.sql, 'orders_review_reason (stage=? AND reason=?)'],
  ])('%s goes through its index and sorts nothing', (_, sql, index) => {
    const plan = planOf(sql);

    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
    expect(plan).not.toMatch(/SCAN orders$/m);
  });

  it.each([
    ['an order by its id alone', ordersByOrderId.sql, ['orders_key']],
    ['an order of a shop by its id', ordersByOrderIdOfShop.sql, ['orders_key (order_id=? AND shop_id=?']],
    ['counting the stages of a shop', countByStageOfShop.sql, ['stage_counts USING PRIMARY KEY (shop_id=?)']],
    [
      'a search in a shop',
      newestOrders({ hasShop: true, hasQ: true }).sql,
      ['orders_key (order_id=?)', 'orders USING INTEGER PRIMARY KEY (rowid=?)'],
    ],
    ['promised units', promised.sql, ['orders_stage', 'PRIMARY KEY (order_ref=?)']],
    [
      'a search',
      newestOrders({ hasQ: true }).sql,
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
    expect(plan).not.toMatch(/SCAN (orders|packages|order_units)$/m);
  });

  it.each([
    ['the next orders by age', nextOrders.sql, 'orders USING INTEGER PRIMARY KEY (rowid>?)'],
    ['the last event of an order', lastEvent.sql, 'PRIMARY KEY (order_ref=?)'],
    ['deleting events', partsOfOrder[0]?.sql ?? '', 'PRIMARY KEY (order_ref=?)'],
    ['deleting units', partsOfOrder[1]?.sql ?? '', 'PRIMARY KEY (order_ref=?)'],
    ['deleting parcels', partsOfOrder[2]?.sql ?? '', 'packages_key (order_ref=?)'],
    ['deleting calls', partsOfOrder[3]?.sql ?? '', 'PRIMARY KEY (order_ref=?)'],
    ['the last call of an order', lastCall.sql, 'PRIMARY KEY (order_ref=?)'],
    ['dropping calls that are too many', oldCalls.sql, 'PRIMARY KEY (order_ref=? AND seq<?)'],
    ['the calls of an order', callsOf.sql, 'PRIMARY KEY (order_ref=?)'],
    ['deleting returns', forgetReturns.sql, 'PRIMARY KEY (channel=? AND shop_id=? AND order_id=?)'],
    ['deleting notifications', oldNotifications.sql, 'notifications USING INTEGER PRIMARY KEY (rowid=?)'],
  ])('retention: %s looks at no more rows than it needs', (_, sql, index) => {
    const plan = planOf(sql);

    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
    expect(plan).not.toMatch(/SCAN (orders|order_events|order_units|packages|returns)\b/);
  });

  it('hints the orders of new deliveries without a look at the others', () => {
    const plan = planOf(hintsOfDeliveries.sql);

    expect(plan).toContain('notifications USING INTEGER PRIMARY KEY (rowid>?)');
    expect(plan).not.toContain('TEMP B-TREE');
  });

  it('deduplicates through the unique index', () => {
    expect(insertNotification.sql).toContain('on conflict ("dedupe_key", "channel") do nothing');
    expect(planOf('select 1 from notifications where dedupe_key = ? and channel = ?')).toContain(
      'notifications_dedupe (dedupe_key=? AND channel=?)',
    );
  });
});
