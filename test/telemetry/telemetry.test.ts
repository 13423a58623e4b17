import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { traceIdsOf } from '../../src/telemetry/trace-ids.ts';
import { becomes, endLives, order, orderAtAmazon, pack, startLives, ups } from '../e2e/lives.ts';
import type { World } from '../e2e/world.ts';
import { type ReceivedSpan, rootsOf, startCollector } from './collector.ts';

const METRICS_TOKEN = 'metrics-token-for-tests';

describe('metrics, over HTTP against both simulators', () => {
  let world: World;
  afterEach(() => endLives(world));

  const scrape = (authorization?: string) =>
    fetch(`${world.service.url}/metrics`, authorization ? { headers: { authorization } } : {});

  it('an order’s life is in them, and an independent parser reads them', async () => {
    world = await startLives();
    const { orderId, id } = await orderAtAmazon(world);
    pack(world, id, { MUG: 1 }, { tracking: ups(51), status: 'SHIPPED' });
    await world.reconcile('tracking');
    await becomes(world, orderId, { stage: 'shipped' });

    const response = await scrape();
    const text = await response.text();

    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const names = parsePrometheusTextFormat(text).map(({ name }) => name);
    expect(names).toContain('mcf_webhooks_total');
    for (const line of [
      'mcf_orders{stage="shipped"} 1',
      'mcf_decisions_total{kind="create"} 1',
      'mcf_decisions_total{kind="ship"} 1',
      'mcf_hold_end_to_create_seconds_count 1',
      'mcf_ship_to_report_seconds_count 1',
      'mcf_upstream_calls_total{upstream="amazon-mcf",operation="createFulfillmentOrder",outcome="ok"} 1',
      'mcf_reconcile_duration_seconds_count{scope="tracking"} 1',
      'mcf_side_state{side="amazon-mcf",state="ok"} 1',
      'mcf_store_up 1',
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toMatch(/^mcf_webhooks_total\{outcome="accepted"\} [1-9]/m);
    expect(text).toMatch(/^mcf_quota_left\{upstream="amazon-mcf",account="amazon",operation="/m);
  });

  it('no label grows with orders, and no address that nobody serves is one', async () => {
    world = await startLives();
    await orderAtAmazon(world);
    // Those of the process are Node's: a kind of garbage collection shows when the first of it was.
    const namesOf = (text: string): string[] =>
      text.split('\n').flatMap((line) => (line.startsWith('mcf_') ? [line.replace(/ [^ ]*$/, '')] : []));
    const before = namesOf(await (await scrape()).text());

    const more = [order(world), order(world), order(world)];
    for (const { orderId } of more) await becomes(world, orderId, { stage: 'fulfilling' });
    await fetch(`${world.service.url}/made/up/${more[0]?.orderId}`);
    const text = await (await scrape()).text();

    expect(namesOf(text).toSorted()).toEqual(before.toSorted());
    for (const { orderId } of more) expect(text).not.toContain(orderId);
  });

  it('asks for METRICS_TOKEN where it is set, and for nothing else', async () => {
    world = await startLives({ env: { METRICS_TOKEN } });

    expect((await scrape()).status).toBe(401);
    expect((await scrape('Bearer wrong')).status).toBe(401);
    expect((await scrape('Bearer admin-token-for-tests')).status).toBe(401);
    expect((await scrape(`Bearer ${METRICS_TOKEN}`)).status).toBe(200);
  });
});

describe('traces, over HTTP against both simulators and a collector', () => {
  let world: World;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  const start = async (): Promise<void> => {
    collector = await startCollector();
    world = await startLives({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  };
  const keyOf = (orderId: string) => ({
    channel: 'tiktok-shop',
    shopId: world.tiktok.shop.id,
    orderId,
  });
  const spansOf = (orderId: string): ReceivedSpan[] => {
    const { traceId } = traceIdsOf(keyOf(orderId));
    return collector.spans.filter((span) => span.traceId === traceId);
  };
  const callsOf = (orderId: string): string[] =>
    spansOf(orderId)
      .filter(({ kind }) => kind === 3)
      .map(({ name }) => name);

  it('each order is one connected trace, from its webhook to the create and the report', async () => {
    await start();
    const first = await orderAtAmazon(world);
    const second = await orderAtAmazon(world);
    pack(world, first.id, { MUG: 1 }, { tracking: ups(51), status: 'SHIPPED' });
    await world.reconcile('tracking');
    await becomes(world, first.orderId, { stage: 'shipped' });
    await world.tiktok.webhooks.idle();
    await endLives(world);

    for (const { orderId } of [first, second]) {
      const spans = spansOf(orderId);
      expect(rootsOf(spans).map(({ name }) => name)).toEqual(['order']);
      expect(spans.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['webhook', 'converge', 'observe', 'act create']),
      );
      expect(callsOf(orderId)).toContain('amazon-mcf createFulfillmentOrder');
    }
    expect(callsOf(first.orderId)).toEqual(
      expect.arrayContaining([
        'tiktok-shop getOrderDetail',
        'amazon-mcf getFulfillmentOrder',
        'tiktok-shop markPackageAsShipped',
      ]),
    );
    expect(collector.faults).toEqual([]);
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'mcf-connector' });
    await collector.close();
  });

  it('work after a restart joins the trace, and its root is sent once', async () => {
    await start();
    const { orderId, id } = await orderAtAmazon(world);
    await world.restart();
    pack(world, id, { MUG: 1 }, { tracking: ups(51), status: 'SHIPPED' });
    await world.reconcile('tracking');
    await becomes(world, orderId, { stage: 'shipped' });
    await endLives(world);

    const spans = spansOf(orderId);
    expect(spans.filter(({ name }) => name === 'order')).toHaveLength(1);
    expect(rootsOf(spans)).toHaveLength(1);
    expect(callsOf(orderId)).toContain('tiktok-shop markPackageAsShipped');
    await collector.close();
  });

  it('neither a secret nor a buyer is in a trace, and no call carries one', async () => {
    await start();
    const { orderId } = await orderAtAmazon(world);
    const body = JSON.stringify(world.amazon.creates[0]?.body);
    const { name, addressLine1 } = JSON.parse(body).destinationAddress;
    await endLives(world);

    const sent = collector.texts.join();
    expect(sent).toContain(orderId);
    for (const secret of [
      name,
      addressLine1,
      'app-secret-of-the-tests',
      'lwa-client-secret',
      'Atzr',
      'sign=',
    ])
      expect(sent).not.toContain(secret);
    await collector.close();
  });

  it('a dead collector holds up neither an order nor the end', async () => {
    await start();
    await collector.close();

    const { orderId } = await orderAtAmazon(world);
    const begunMs = performance.now();
    await endLives(world);

    expect(orderId).toBeTruthy();
    expect(performance.now() - begunMs).toBeLessThan(10_000);
  });

  it('without a collector OpenTelemetry is not loaded', async () => {
    const load = vi.fn<() => never>(() => {
      throw new Error('loaded');
    });
    vi.doMock('../../src/telemetry/spans.ts', load);
    world = await startLives();

    await orderAtAmazon(world);

    expect(load).not.toHaveBeenCalled();
    await endLives(world);
    vi.doUnmock('../../src/telemetry/spans.ts');
  });
});
