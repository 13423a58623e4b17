import type { Context, Row } from '../lib/context.ts';
import { disks } from '../lib/disk.ts';
import { arePeersInstalled, type Backend, isRedisThere, startPostgres, startRedis } from '../lib/peers.ts';
import type { Summary } from '../lib/plan.ts';
import { PEERS, type Peer, type ServerKind } from '../lib/servers.ts';
import {
  inTurns,
  loadOnce,
  type Runs,
  ratiosTo,
  SATURATED,
  saturatedRounds,
  saturation,
  spreadOfRuns,
} from '../lib/turns.ts';
import { startSilentUpstreams } from '../lib/upstreams.ts';
import { count, ratio as ratioText } from '../report.ts';

type Settings = Record<string, string>;
type Facts = {
  label: string;
  target: number /** Tried before; the best is measured. */;
  variants: Settings[];
};

const POOLS: Settings[] = [{ POOL: '10' }, { POOL: '5' }, { POOL: '30' }];
const FACTS: Record<Peer, Facts> = {
  octokit: { label: '@octokit/webhooks, verifies only', target: 1, variants: [{}] },
  bullmq: {
    label: 'BullMQ, Redis with appendfsync always',
    target: 1.5,
    variants: [{ PIPELINING: 'auto' }, { PIPELINING: 'none' }],
  },
  'pg-boss': { label: 'pg-boss, Postgres', target: 8, variants: POOLS },
  'graphile-worker': { label: 'Graphile Worker, Postgres', target: 20, variants: POOLS },
};
/** No peer on Postgres takes more than a tenth of what the fastest does. */
const FEWER_REQUESTS = 60_000;
const TRIAL = { warmupMs: 1_000, durationMs: 1_500 };
const [HERE] = disks(null, [0]);

const isOnPostgres = (kind: ServerKind): boolean => kind === 'pg-boss' || kind === 'graphile-worker';

const presentPeers = (context: Context): Peer[] => {
  if (!arePeersInstalled()) {
    context.note('The peers are left out: run `npm ci --prefix bench/peers` first.');
    return [];
  }
  if (isRedisThere()) return [...PEERS];
  context.note('BullMQ is left out: there is no redis-server on the PATH.');
  return PEERS.filter((peer) => peer !== 'bullmq');
};

type Measure = (kind: ServerKind, settings: Settings, times: typeof TRIAL) => Promise<Summary>;

const measureWith =
  (context: Context, postgres: Backend, serviceEnv: Settings): Measure =>
  async (kind, settings, times) => {
    if (!HERE) throw new Error('there is no disk');
    const redis = kind === 'bullmq' ? await startRedis(context.folder, HERE.env) : null;
    const backend = isOnPostgres(kind) ? postgres.env : (redis?.env ?? {});
    const env = kind === 'service' ? serviceEnv : { ...backend, ...settings };
    const requests = isOnPostgres(kind) ? { count: FEWER_REQUESTS } : {};
    try {
      const load = { ...saturation(context), ...requests, ...times, mode: SATURATED };
      return await loadOnce(context, { kind, disk: HERE, env }, load);
    } finally {
      await redis?.stop();
    }
  };

/** A short run with each variant; answers the one that took most. A quick run takes the first as it is. */
const bestVariant = async (context: Context, peer: Peer, measure: Measure): Promise<Settings> => {
  const variants = context.quick ? FACTS[peer].variants.slice(0, 1) : FACTS[peer].variants;
  let best: { settings: Settings; perSecond: number } = { settings: variants[0] ?? {}, perSecond: 0 };
  if (variants.length === 1) return best.settings;
  for (const settings of variants) {
    const { perSecond } = await measure(peer, settings, TRIAL);
    if (perSecond > best.perSecond) best = { settings, perSecond };
  }
  return best.settings;
};

const peerRow = (peer: Peer, settings: Settings, runs: Runs): Row => {
  const { label, target } = FACTS[peer];
  const figure = (run: Summary): number => run.perSecond;
  const share = ratiosTo(runs, peer, figure);
  const chosen = Object.entries(settings)
    .map(([name, value]) => `${name.toLowerCase()} ${value}`)
    .join(', ');
  return {
    name: `accepted/s against ${label}${chosen === '' ? '' : ` (${chosen})`}`,
    floor: count(spreadOfRuns(runs, peer, figure).median),
    service: count(spreadOfRuns(runs, 'service', figure).median),
    ratio: ratioText(share),
    target: { text: `>= ${target} x`, met: share.median >= target },
    figures: {
      settings,
      runs: { peer: runs.get(peer), service: runs.get('service'), floor: runs.get('floor') },
    },
  };
};

const measureAll = async (context: Context, peers: readonly Peer[], measure: Measure): Promise<Row[]> => {
  const settings = new Map<ServerKind, Settings>();
  for (const peer of peers) settings.set(peer, await bestVariant(context, peer, measure));
  const { warmupMs = 0, durationMs = 0 } = saturation(context);
  const runs = await inTurns(['floor', 'service', ...peers], saturatedRounds(context), (kind) =>
    measure(kind, settings.get(kind) ?? {}, { warmupMs, durationMs }),
  );
  return peers.map((peer) => peerRow(peer, settings.get(peer) ?? {}, runs));
};

/** Acceptance against what others take for the same job, saturated, on this machine's disk as it is. */
export const measurePeers = async (context: Context): Promise<Row[]> => {
  const peers = presentPeers(context);
  if (peers.length === 0) return [];
  const upstreams = await startSilentUpstreams();
  try {
    const postgres = await startPostgres();
    try {
      return await measureAll(context, peers, measureWith(context, postgres, upstreams.env));
    } finally {
      await postgres.stop();
    }
  } finally {
    await upstreams.close();
  }
};
