/** What should notice a mutation: so many simulated worlds, or a test file. */
export type Catcher = { seeds: number } | { test: string };

/** One way to break the code: `find` stands exactly once in `file`. */
export type Mutation = {
  name: string;
  /** The promise that is broken. */
  breaks: string;
  file: string;
  find: string;
  replace: string;
  /** Tried in order until one notices. */
  caughtBy: readonly [Catcher, ...Catcher[]];
};

export const catcherText = (catcher: Catcher): string =>
  'seeds' in catcher ? `simulation, ${catcher.seeds} seeds` : catcher.test;

const SIMULATION: Catcher = { seeds: 300 };

/** Each breaks one promise of the design; none of them may go unnoticed. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'drop-the-dedupe',
    breaks: 'a delivery that comes twice is one notification',
    file: 'src/store/notifications.ts',
    find: 'const { channel, dedupeKey, type, shopId, sentAtMs, body } = notification;\n  const own',
    replace:
      'const { channel, type, shopId, sentAtMs, body } = notification;\n  const dedupeKey = String(Math.random());\n  const own',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'forget-the-hints-of-a-group',
    breaks: 'an acknowledged webhook has its order looked at',
    file: 'src/store/notifications.ts',
    find: '  connection.run(hintsOfDeliveries, { afterId });\n',
    replace: '',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'take-a-repeat-of-the-same-turn-for-news',
    breaks: 'a delivery that comes twice at once is one notification',
    file: 'src/store/notifications.ts',
    find: 'stored.delete(keyOf(row))',
    replace: 'stored.has(keyOf(row))',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'skip-the-look-before-repeat',
    breaks: 'after an unclear create the next call is a read',
    file: 'src/orders/observe.ts',
    find: "(record.acceptedAtMs !== null || record.intent?.kind === 'create')",
    replace: 'record.acceptedAtMs !== null',
    caughtBy: [SIMULATION],
  },
  {
    name: 'send-before-the-intent-is-kept',
    breaks: 'the intent is committed before the call',
    file: 'src/orders/with-intent.ts',
    find: '  await draft.flush();\n',
    replace: '',
    caughtBy: [SIMULATION],
  },
  {
    name: 'believe-not-there-at-once',
    breaks: 'a create that may be on its way is waited for',
    file: 'src/orders/intents.ts',
    find: 'if (nowMs < settledAtMs) {',
    replace: 'if (nowMs < 0) {',
    caughtBy: [{ test: 'src/orders/converge-create.test.ts' }, SIMULATION],
  },
  {
    name: 'acknowledge-before-the-commit',
    breaks: 'an acknowledged webhook is durable',
    file: 'src/http/webhooks.ts',
    find: 'const outcome = await store(',
    replace: "const outcome: string = 'stored';\n      void store(",
    caughtBy: [SIMULATION],
  },
  {
    name: 'commit-without-sync',
    breaks: 'an acknowledged webhook survives a power cut',
    file: 'src/store/sqlite/driver.ts',
    find: 'pragma synchronous = full;',
    replace: 'pragma synchronous = off;',
    caughtBy: [{ test: 'test/crash/power.test.ts' }],
  },
  {
    name: 'forget-the-lease',
    breaks: 'one order is run by one runner at a time',
    file: 'src/store/orders-write.ts',
    find: `    .where(keyIs(slot))
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', slot('nowMs'))]))
    .returningAll(),`,
    replace: '    .where(keyIs(slot))\n    .returningAll(),',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }, SIMULATION],
  },
  {
    name: 'forget-the-mark',
    breaks: 'a trigger that finds the order busy is followed',
    file: 'src/store/order-hints.ts',
    find: 'hint_seq: sql<number>`hint_seq + 1`,',
    replace: 'hint_seq: sql<number>`hint_seq`,',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }, SIMULATION],
  },
  {
    name: 'keep-the-leases-of-the-dead',
    breaks: 'a start resumes what a dead process had in hand',
    file: 'src/store/open.ts',
    find: '    takeBackLeases(connection, Number.MAX_SAFE_INTEGER, clock.nowMs());\n',
    replace: '',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'report-a-parcel-twice',
    breaks: 'a report whose answer was lost is found before it is repeated',
    file: 'src/orders/act-channel.ts',
    find: '() => sides.channel.ship(sides.shop, request))',
    replace:
      '() => sides.channel.ship(sides.shop, request).catch(() => sides.channel.ship(sides.shop, request)))',
    caughtBy: [SIMULATION],
  },
  {
    name: 'report-under-any-line',
    breaks: 'a unit is reported under a line of its own SKU',
    file: 'src/orders/parcels.ts',
    find: 'const quantity = Math.min(wanted, content.get(amazonSku) ?? 0);',
    replace: 'const quantity = wanted;',
    caughtBy: [{ test: 'src/orders/parcels.test.ts' }],
  },
  {
    name: 'ship-within-the-remorse-hour',
    breaks: 'an order in its remorse hour is never sent',
    file: 'src/orders/decide-create.ts',
    find: 'return nowMs < endMs ? endMs : null;',
    replace: 'return null;',
    caughtBy: [{ test: 'src/orders/decide-rules.test.ts' }, { test: 'src/orders/decide.test.ts' }],
  },
  {
    name: 'create-although-cancel-was-asked',
    breaks: 'an order whose buyer asks to cancel is not created',
    file: 'src/orders/decide-create.ts',
    find: '  if (order.buyerRequestedCancel) return decideRequestBeforeCreate(input);\n',
    replace: '',
    caughtBy: [SIMULATION],
  },
  {
    name: 'approve-without-proof',
    breaks: 'a cancellation is approved only when Amazon is proven stopped',
    file: 'src/orders/decide-stop.ts',
    find: "  if (isStopped(fulfillment)) return 'stopped';\n",
    replace: "  if (isStopped(fulfillment) || record.stop !== null) return 'stopped';\n",
    caughtBy: [SIMULATION],
  },
  {
    name: 'leave-the-cancelled-at-amazon',
    breaks: 'an order cancelled at TikTok is stopped at Amazon',
    file: 'src/orders/decide-stop.ts',
    find: "  if (input.order.status === 'cancelled') return 'order_cancelled';\n",
    replace: '',
    caughtBy: [SIMULATION],
  },
  {
    name: 'make-anew-under-the-same-id',
    breaks: 'a fulfillment id is never used twice',
    file: 'src/orders/decide-create.ts',
    find: 'const fulfillmentCount = hadOne ? record.fulfillmentCount + 1 : Math.max(1, record.fulfillmentCount);',
    replace:
      'const fulfillmentCount = hadOne ? record.fulfillmentCount : Math.max(1, record.fulfillmentCount);',
    caughtBy: [SIMULATION, { test: 'src/orders/decide.test.ts' }],
  },
  {
    name: 'rest-without-a-next-look',
    breaks: 'no order is silently stuck',
    file: 'src/orders/steps.ts',
    find: 'nextAttemptAtMs: Number.isFinite(nextMs) ? nextMs : null,',
    replace: 'nextAttemptAtMs: null,',
    caughtBy: [SIMULATION],
  },
  {
    name: 'sell-what-is-promised',
    breaks: 'stock shown never counts a promised unit',
    file: 'src/inventory/available.ts',
    find: 'Math.max(0, level.fulfillable - promised - buffer)',
    replace: 'Math.max(0, level.fulfillable - buffer)',
    caughtBy: [SIMULATION],
  },
  {
    name: 'never-look-for-lost-webhooks',
    breaks: 'an order whose webhook is lost is found',
    file: 'src/reconcile/sweep.ts',
    find: 'return unseen.length === 0 ? 0 : deps.store.orders.hint(unseen, deps.clock.nowMs());',
    replace: 'return unseen.length;',
    caughtBy: [SIMULATION],
  },
  {
    name: 'send-a-masked-address',
    breaks: 'a masked address never goes to Amazon',
    file: 'src/orders/address/masks.ts',
    find: 'return STARS.test(plain) || DOTS.test(plain);',
    replace: 'return DOTS.test(plain);',
    caughtBy: [SIMULATION],
  },
  {
    name: 'accept-any-signature',
    breaks: 'only what TikTok signed is accepted',
    file: 'src/channels/tiktok-shop/webhook.ts',
    find: 'timingSafeEqual(expected, given) || isGenuine',
    replace: 'expected.subarray(0, 32).equals(given.subarray(0, 32)) || isGenuine',
    caughtBy: [
      { test: 'test/hostile/webhook-fuzz.test.ts' },
      { test: 'src/channels/tiktok-shop/webhook.test.ts' },
    ],
  },
  {
    name: 'keep-no-quota',
    breaks: 'calls keep to the quota',
    file: 'src/lib/quota.ts',
    find: 'if (bucket.tokens >= 1) return probeMs;',
    replace: 'if (bucket.tokens > -1e9) return probeMs;',
    caughtBy: [{ test: 'src/lib/quota.test.ts' }],
  },
  {
    name: 'hammer-a-dead-side',
    breaks: 'a side that is away is tried now and then, not by every order',
    file: 'src/lib/breaker.ts',
    find: 'if (!open && failures >= OPENS_AFTER_FAILURES) openFor(FIRST_PAUSE_MS);',
    replace: 'if (!open && failures < 0) openFor(FIRST_PAUSE_MS);',
    caughtBy: [{ test: 'src/lib/side.test.ts' }],
  },
  {
    name: 'first-come-first-served',
    breaks: 'what waits for quota goes out nearest deadline first',
    file: 'src/store/order-lanes.ts',
    find: "lane === 'ready' ? sql<number>`${sql.raw(CREATE_BY)}` : sql<number>`next_attempt_at`",
    replace: "lane === 'ready' ? sql<number>`id` : sql<number>`next_attempt_at`",
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'one-shop-after-the-other',
    breaks: 'a shop with many orders keeps no other from its turn',
    file: 'src/reconcile/ready-lane.ts',
    find: 'turn.slice(0, room).map((shop, index) => [shop, Math.ceil((room - index) / turn.length)])',
    replace: 'shops.slice(0, 1).map((shop) => [shop, room])',
    caughtBy: [{ test: 'test/weather/flash-sale.test.ts' }],
  },
  {
    name: 'create-blindly-after-a-restore',
    breaks: 'a restored store makes nothing that Amazon already has',
    file: 'src/orders/restored.ts',
    find: 'if (restoredAtMs === null || !isDoubtful(record, restoredAtMs)) return',
    replace: 'if (restoredAtMs !== -1) return',
    caughtBy: [{ test: 'test/e2e/restore.test.ts' }],
  },
  {
    name: 'prune-what-is-open',
    breaks: 'only orders that both sides are done with are pruned',
    file: 'src/store/retention.ts',
    find: '  FINAL.some((stage) => stage === order.stage) &&\n',
    replace: '',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'promise-by-the-old-map',
    breaks: 'orders that wait are counted by the SKU map in force',
    file: 'src/store/sku-map.ts',
    find: '      connection.run(wakeUnplaced, { nowMs });\n',
    replace: '',
    caughtBy: [{ test: 'test/store/sqlite.test.ts' }],
  },
  {
    name: 'create-what-is-older-than-live',
    breaks: 'what another connector may have placed is not placed again',
    file: 'src/orders/decide-pause.ts',
    find: 'if (record.takenOver || record.acceptedAtMs !== null) return null;',
    replace: 'return null;',
    caughtBy: [{ test: 'test/shadow/change-over.test.ts' }],
  },
  {
    name: 'act-in-the-shadow',
    breaks: 'shadow mode makes no effect',
    file: 'src/orders/steps.ts',
    find: 'if (context.shadow) {',
    replace: 'if (!context.shadow && context.nowMs() < 0) {',
    caughtBy: [{ test: 'src/orders/shadow.test.ts' }],
  },
  {
    name: 'let-effects-out-in-the-shadow',
    breaks: 'in shadow mode nothing that changes anything reaches the network',
    file: 'src/lib/read-only-http.ts',
    find: "kind === 'read' ||",
    replace: 'kind !== undefined ||',
    caughtBy: [{ test: 'test/shadow/no-effects.test.ts' }],
  },
  {
    name: 'create-what-is-paused',
    breaks: 'nothing new of a paused shop or SKU is created',
    file: 'src/orders/decide-create.ts',
    find: '(pauseOf(input, decision.request.items) ?? decision)',
    replace: 'decision',
    caughtBy: [{ test: 'src/orders/decide-pause.test.ts' }],
  },
];
