import { setImmediate as nextTurn } from 'node:timers/promises';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld } from '../../test/fake-world.ts';
import { HOUR, KEY, MINUTE, NOW, orderOf } from '../../test/fakes.ts';
import { createQuota } from '../lib/quota.ts';
import { StoreUnavailable } from '../store/store.ts';
import { METRICS } from './catalogue.ts';
import { createMetrics, type Metrics, type MetricsDeps } from './metrics.ts';
import { noWebhooks } from './webhook-counts.ts';

const CALL = { upstream: 'amazon-mcf', account: 'amazon', operation: 'create', requestId: undefined };

describe('the metrics', () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  let metrics: Metrics;
  let webhooks: MetricsDeps['webhooks'];
  let over: Partial<MetricsDeps>;
  let sides: Parameters<Metrics['scrape']>[0];
  const depsNow = (): MetricsDeps => ({
    version: '1.2.3',
    clock: world.clock,
    webhooks,
    store: world.store,
    quota: createQuota(world.clock),
    pendingDeliveries: () => Promise.resolve(3),
    reportDifferences: () => Promise.resolve(2),
    ...over,
  });

  beforeEach(async () => {
    over = {};
    sides = [];
    webhooks = noWebhooks();
    const watch: Metrics['watch'] = {
      running: (...args) => metrics.watch.running(...args),
      looking: (...args) => metrics.watch.looking(...args),
      firstRead: (...args) => metrics.watch.firstRead(...args),
      decided: (...args) => metrics.watch.decided(...args),
      acting: (...args) => metrics.watch.acting(...args),
    };
    world = await openWorld({ watch });
    metrics = createMetrics(depsNow());
  });
  afterEach(() => world.store.close());

  const families = async () => parsePrometheusTextFormat(await metrics.scrape(sides));
  const family = async (name: string) => (await families()).find((one) => one.name === name)?.metrics ?? [];
  const valueOf = async (name: string, labels: Record<string, string> = {}): Promise<number | undefined> => {
    const found = (await family(name)).find(
      (one) => JSON.stringify(one.labels ?? {}) === JSON.stringify(labels),
    );
    return found?.value === undefined ? undefined : Number(found.value);
  };
  /** Count and sum of one without labels: the parser does not keep those of several apart. */
  const histogram = async (name: string) => (await family(name)).map(({ count, sum }) => [count, sum]);

  it('an independent parser reads every metric of the catalogue, of its kind, and the process’s own', async () => {
    const read = new Map((await families()).map(({ name, type, help }) => [name, { type, help }]));

    for (const [name, { kind, help }] of Object.entries(METRICS))
      expect({ name, ...read.get(name) }).toEqual({ name, type: kind.toUpperCase(), help });
    const others = [...read.keys()].filter((name) => !Object.hasOwn(METRICS, name));
    expect(others).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(others.filter((name) => !/^(process|nodejs)_/.test(name))).toEqual([]);
  });

  it('nothing is lost however much happens before the first scrape', async () => {
    const noteMany = (times: number): void => {
      for (let time = 0; time < times; time += 1) metrics.called({ ...CALL, status: 200, durationMs: 1 });
    };
    noteMany(600);
    // What measures is loaded meanwhile, unasked.
    await import('./instruments.ts');
    await nextTurn();
    noteMany(600);

    const labels = { upstream: 'amazon-mcf', operation: 'create', outcome: 'ok' };
    expect(await valueOf('mcf_upstream_calls_total', labels)).toBe(1_200);
  });

  it('webhooks are what was counted, at each scrape anew', async () => {
    webhooks.accepted = 5;
    await metrics.scrape(sides);
    webhooks.accepted = 7;

    expect(await valueOf('mcf_webhooks_total', { outcome: 'accepted' })).toBe(7);
    expect(await valueOf('mcf_webhooks_total', { outcome: 'duplicate' })).toBe(0);
  });

  it('tells orders by stage, and how long the oldest due one waits', async () => {
    world.channel.put(orderOf());
    await world.hint();
    await world.clock.advance(10 * MINUTE);

    expect(await valueOf('mcf_orders', { stage: 'waiting' })).toBe(1);
    expect(await valueOf('mcf_oldest_due_order_age_seconds')).toBe(600);
    await world.converge();
    expect(await valueOf('mcf_orders', { stage: 'waiting' })).toBe(0);
    expect(await valueOf('mcf_orders', { stage: 'fulfilling' })).toBe(1);
    expect(await valueOf('mcf_oldest_due_order_age_seconds')).toBe(0);
  });

  it('counts decisions, and measures from the end of the hold to the create, once', async () => {
    world.channel.put(orderOf({ hadChannelHold: false, paidAtMs: NOW - HOUR - 90_000 }));
    await world.hint();

    await world.converge();
    await world.clock.advance(2 * MINUTE);
    await world.converge();

    expect(await valueOf('mcf_decisions_total', { kind: 'create' })).toBe(1);
    expect(await histogram('mcf_hold_end_to_create_seconds')).toEqual([['1', '90']]);
  });

  it('a create that failed is no create', async () => {
    world.channel.put(orderOf());
    world.provider.state.refuseSubmit = { reason: 'no_stock', message: 'none' };
    await world.hint();

    await world.converge();

    expect(await valueOf('mcf_decisions_total', { kind: 'create' })).toBe(1);
    expect(await histogram('mcf_hold_end_to_create_seconds')).toEqual([['0', '0']]);
  });

  it('a second fulfillment of an order is no answer to how long the first one took', async () => {
    world.channel.put(orderOf());
    await world.hint();
    await world.converge();
    const { fulfillmentId } = await world.record();
    world.provider.change(fulfillmentId ?? '', { state: 'unfulfillable' });
    await world.store.orders.amend(KEY, { patch: { recreate: true } }, world.clock.nowMs());

    await world.converge();

    expect(await valueOf('mcf_decisions_total', { kind: 'create' })).toBe(2);
    expect(await histogram('mcf_hold_end_to_create_seconds')).toEqual([['1', '3600']]);
  });

  it('counts calls by outcome, those before the first scrape too', async () => {
    metrics.called({ ...CALL, status: 200, durationMs: 20 });
    metrics.called({ ...CALL, status: 404, durationMs: 20 });
    await metrics.scrape(sides);
    metrics.called({ ...CALL, status: 429, durationMs: 20 });
    metrics.called({ ...CALL, status: 503, durationMs: 20 });
    metrics.called({ ...CALL, status: null, durationMs: 20 });

    const outcomes = (await family('mcf_upstream_calls_total')).map(({ labels, value }) => [
      labels?.['outcome'],
      value,
    ]);
    expect(outcomes).toEqual([
      ['ok', '1'],
      ['refused', '1'],
      ['throttled', '1'],
      ['failed', '1'],
      ['no_answer', '1'],
    ]);
    const labels = '{upstream="amazon-mcf",operation="create"}';
    expect(await metrics.scrape(sides)).toContain(`mcf_upstream_call_duration_seconds_count${labels} 5\n`);
  });

  it('tells the quota left by account and operation, an account with slashes included', async () => {
    const quota = createQuota(world.clock);
    over = { quota };
    metrics = createMetrics(depsNow());
    await quota.take('amazon-mcf/amazon-mcf/x/create', { ratePerSecond: 2, burst: 28 });

    expect(
      await valueOf('mcf_quota_left', {
        upstream: 'amazon-mcf',
        account: 'amazon-mcf/x',
        operation: 'create',
      }),
    ).toBe(27);
  });

  it('tells passes, their errors and when the last one ended', async () => {
    metrics.passed('all', { durationMs: 2_000, errors: [{ code: 'still_running' }] });

    expect(await metrics.scrape(sides)).toContain('mcf_reconcile_duration_seconds_sum{scope="all"} 2\n');
    expect(await valueOf('mcf_reconcile_errors_total', { code: 'still_running' })).toBe(1);
    expect(await valueOf('mcf_reconcile_last_end_timestamp_seconds')).toBe(NOW / 1000);
  });

  it('one state of a side is 1, the others 0', async () => {
    const side = {
      isKnown: true,
      sinceMs: NOW,
      nextTryMs: null,
      code: null,
      message: null,
    };
    sides = [{ ...side, name: 'amazon-mcf', state: 'stopped' }];

    const states = (await family('mcf_side_state')).map(({ labels, value }) => [labels?.['state'], value]);
    expect(states).toEqual([
      ['ok', '0'],
      ['failing', '0'],
      ['stopped', '1'],
    ]);
  });

  it('a store that is away shows itself, hides old figures of its own and none of the others', async () => {
    metrics.called({ ...CALL, status: 200, durationMs: 20 });
    await metrics.scrape(sides);
    const broken = () => Promise.reject(new StoreUnavailable('gone'));
    over = { store: { ...world.store, ping: broken } };
    metrics = createMetrics(depsNow());
    metrics.called({ ...CALL, status: 200, durationMs: 20 });

    expect(await valueOf('mcf_store_up')).toBe(0);
    expect(await family('mcf_orders')).toEqual([]);
    expect(await valueOf('mcf_oldest_due_order_age_seconds')).toBeUndefined();
    expect(await family('mcf_upstream_calls_total')).toHaveLength(1);
  });

  it('two scrapes at a time do not mix their figures', async () => {
    world.channel.put(orderOf());
    await world.hint(null, KEY);

    const [one, other] = await Promise.all([metrics.scrape(sides), metrics.scrape(sides)]);

    expect(one).toContain('mcf_orders{stage="waiting"} 1');
    expect(other).toBe(one);
  });
});
