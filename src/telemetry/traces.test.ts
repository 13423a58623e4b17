import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld } from '../../test/fake-world.ts';
import { failureOf, KEY, NOW, ORDER_ID, orderOf } from '../../test/fakes.ts';
import { notificationOf } from '../../test/store/fixtures.ts';
import { type ReceivedSpan, rootsOf, startCollector } from '../../test/telemetry/collector.ts';
import { traceIdsOf } from './trace-ids.ts';
import { openTraces, type Traces } from './traces.ts';

describe('the trace of an order', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let traces: Traces;
  let world: Awaited<ReturnType<typeof openWorld>>;
  const undelivered: unknown[] = [];
  const open = (endpoint: string): Promise<Traces> =>
    openTraces({
      endpoint,
      version: '1.2.3',
      nowMs: () => world.clock.nowMs(),
      onUndelivered: (error) => undelivered.push(error),
    });

  beforeEach(async () => {
    undelivered.length = 0;
    collector = await startCollector();
    // The watch is needed before the clock that it tells the time by.
    traces = await openTraces({
      endpoint: collector.url,
      version: '1.2.3',
      nowMs: () => world.clock.nowMs(),
      onUndelivered: (error) => undelivered.push(error),
    });
    world = await openWorld({ watch: traces.watch });
    world.channel.put(orderOf());
  });
  afterEach(async () => {
    await collector.close();
    await world.store.close();
  });

  const deliver = (tracer = traces, dedupeKey = 'n-1') =>
    tracer
      .deliveries(world.store.notifications)
      .accept(notificationOf(dedupeKey), [{ key: KEY, updatedAtMs: null }], NOW);
  const sent = async (): Promise<ReceivedSpan[]> => {
    await traces.close();
    expect(collector.faults).toEqual([]);
    return collector.spans;
  };

  it('connects webhook, looks, decisions and effects under one root', async () => {
    await deliver();
    await world.converge();

    const spans = await sent();

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdsOf(KEY).traceId]));
    expect(rootsOf(spans).map(({ name }) => name)).toEqual(['order']);
    const run = spans.find(({ name }) => name === 'converge');
    expect(run?.events.map(({ attributes }) => attributes['mcf.decision'])).toEqual(['create', 'wait']);
    const parts = spans.filter(({ parentSpanId }) => parentSpanId === run?.spanId).map(({ name }) => name);
    expect(parts).toEqual(['observe', 'act create']);
    expect(spans.find(({ name }) => name === 'webhook')?.attributes).toMatchObject({
      'mcf.order_id': ORDER_ID,
      'mcf.outcome': 'stored',
    });
  });

  it('goes on after a restart, with the same root', async () => {
    await deliver();
    await world.converge();
    await traces.close();
    const later = await open(collector.url);

    await deliver(later, 'n-2');
    await later.close();

    expect(collector.spans.filter(({ name }) => name === 'webhook')).toHaveLength(2);
    expect(rootsOf(collector.spans).map(({ name }) => name)).toEqual(['order']);
  });

  it('shows a call to another side as a part of what called, and a failed one as failed', async () => {
    const call = { upstream: 'amazon-mcf', account: 'amazon', operation: 'create', durationMs: 7 };
    await traces.watch.running(await hinted(), () =>
      traces.watch.looking(() => {
        traces.called({ ...call, status: 200, requestId: 'rid-1' });
        traces.called({ ...call, status: null, requestId: undefined });
        return Promise.resolve();
      }),
    );

    const spans = await sent();

    const look = spans.find(({ name }) => name === 'observe');
    const calls = spans.filter(({ name }) => name === 'amazon-mcf create');
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([look?.spanId, look?.spanId]);
    expect(calls.map(({ status }) => status?.message ?? '')).toEqual(['', 'no_answer']);
    expect(calls[0]?.attributes).toMatchObject({
      'http.response.status_code': '200',
      'mcf.request_id': 'rid-1',
    });
  });

  it('leaves calls out that belong to no order', async () => {
    traces.called({
      upstream: 'tiktok-shop',
      account: 'shop-1',
      operation: 'searchOrders',
      status: 200,
      durationMs: 7,
      requestId: undefined,
    });

    expect(await sent()).toEqual([]);
  });

  it('tells a failed effect by its code, without its message', async () => {
    world.provider.board.fail('submit', {
      after: failureOf({ code: 'upstream_unavailable', message: 'Amazon said Quillfeather' }),
    });
    await deliver();
    await world.converge();

    const spans = await sent();

    expect(spans.find(({ name }) => name === 'act create')?.status?.message).toBe('upstream_unavailable');
    expect(collector.texts.join()).not.toContain('Quillfeather');
  });

  it('holds nothing of the buyer', async () => {
    const { recipient } = orderOf();
    await deliver();
    await world.converge();
    await sent();

    for (const secret of [recipient?.name, recipient?.phone, recipient?.lines[0], recipient?.postalCode])
      expect(collector.texts.join()).not.toContain(secret);
  });

  it('a dead collector is told of and changes nothing', async () => {
    await collector.close();
    await deliver();

    expect(await world.converge()).toMatchObject({ outcome: 'settled', created: 1 });
    await traces.close();

    expect(undelivered.length).toBeGreaterThan(0);
  });

  const hinted = async () => {
    await world.hint();
    return world.record();
  };
});

describe('the ids of a trace', () => {
  it('are the same in every process, and differ with every part of the key', () => {
    const ids = traceIdsOf(KEY);

    expect(traceIdsOf({ ...KEY })).toEqual(ids);
    expect(ids.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(ids.rootSpanId).toMatch(/^[0-9a-f]{16}$/);
    const others = [
      { ...KEY, shopId: 'shop-2' },
      { ...KEY, orderId: '1' },
      { ...KEY, channel: 'other' },
    ];
    expect(new Set([KEY, ...others].map((key) => traceIdsOf(key).traceId)).size).toBe(4);
  });
});
