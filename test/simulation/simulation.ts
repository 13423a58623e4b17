import {
  type AmazonSandboxOptions,
  type AmazonWorld,
  createAmazonWorld,
} from '../../src/sandbox/amazon/index.ts';
import type { Reply, SandboxRequest } from '../../src/sandbox/http.ts';
import {
  createTikTokWorld,
  type TikTokSandboxOptions,
  type TikTokWorld,
} from '../../src/sandbox/tiktok-shop/index.ts';
import { createDurableDatabase, type DurableDatabase } from './durable.ts';
import { type Life, startLife } from './life.ts';
import {
  AMAZON_URL,
  brokenExchange,
  createNetwork,
  type SideName,
  TIKTOK_URL,
  type Weather,
} from './network.ts';
import type { CrashPoint } from './plan.ts';
import { createRandom, hashOf } from './random.ts';
import { createTrace, type Trace } from './trace.ts';
import { clockOf, createVirtualTime, type VirtualTime } from './virtual-time.ts';

export const START_MS = Date.UTC(2026, 0, 5, 8);
/** The environment's tokens at TikTok, as the store names them. */
const TOKEN_ACCOUNT = 'tiktok-shop';
const ADMIN_TOKEN = 'admin-token-of-the-simulation';
const AMAZON_APP = { clientId: 'lwa-client-sim', clientSecret: 'lwa-secret-sim', refreshToken: 'Atzr|sim' };
const TIKTOK_APP = { appKey: 'appkeysim', appSecret: 'app-secret-of-the-simulation' };
const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
/** TikTok takes nothing as an acknowledgement that comes later. */
const ACK_MS = 3_000;

/** What must never be found in a log. */
export const SECRETS: readonly string[] = [
  ADMIN_TOKEN,
  AMAZON_APP.clientSecret,
  AMAZON_APP.refreshToken,
  TIKTOK_APP.appSecret,
  ENCRYPTION_KEY,
  'TTP_exampleAccessToken',
  'TTP_exampleRefreshToken',
  'Atza|',
];

/** What becomes of one delivery: one delay for each copy that arrives; none, and it is lost on the way. */
export type Fate = readonly number[];

export type SimulationOptions = {
  seed: number;
  env?: Record<string, string>;
  amazon?: Partial<Omit<AmazonSandboxOptions, 'clock'>>;
  tiktok?: Partial<Omit<TikTokSandboxOptions, 'clock' | 'post' | 'webhookUrl'>>;
  /** What the way to a side is like now. Default: 60 ms and no trouble. */
  weather?: (side: SideName) => Weather;
  /** What becomes of a delivery. Default: it arrives after 50 ms. */
  fate?: (deliveryId: string) => Fate;
  /** Keep the trace's lines. */
  keepTrace?: boolean;
  logLevel?: string;
  /** After each exchange's effect, at the time it happened. */
  onExchange?: (exchange: { side: SideName; request: SandboxRequest; reply: Reply }) => void;
  /** Each time the world has come to rest; `changed`: something was committed since the last time. */
  onQuiet?: (changed: boolean) => void;
  /** A delivery was answered with 200. */
  onAcknowledged?: (body: string) => void;
};

/** How often the world's special things happened, so that nobody takes an empty world for a proof. */
export type Counters = Record<string, number>;

export type Simulation = {
  time: VirtualTime;
  amazon: AmazonWorld;
  tiktok: TikTokWorld;
  database: DurableDatabase;
  trace: Trace;
  counters: Counters;
  count(name: string, by?: number): void;
  logs: readonly string[];
  life(): Life | null;
  /** Starts the service; a crash and a stop leave it down until then. */
  boot(env?: Record<string, string>): Promise<void>;
  /** Graceful, and started again at once, with the environment changed where `env` says so. */
  restart(env?: Record<string, string>): Promise<void>;
  /** Kills the service when it next reaches a point of this kind for the n-th time from now. */
  armCrash(point: CrashPoint, after: number, downMs: number): void;
  disarmCrash(): void;
  /** How far the service's clock is ahead of the world's. */
  setSkew(skewMs: number): void;
  /** TikTok's answer to a refresh was lost, and with it the only refresh token that still works. */
  hasLostTokens(): Promise<boolean>;
  /** An operator's call; null when the service is down or dies over it. */
  api(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    body?: unknown,
  ): Promise<{ status: number; body: string } | null>;
  /** Lets time pass. */
  run(forMs: number): Promise<void>;
  /** Runs at a time after the start. */
  at(atMs: number, what: () => void): void;
  close(): void;
};

const nextDueQuery = {
  sql: `select min(at) as at from (
    select min(next_attempt_at) as at from orders where lease_until is null
    union all select min(lease_until) from orders)`,
  bind: (): never[] => [],
  rows: (raw: readonly unknown[]) => raw as { at: number | null }[],
};

/**
 * A world: both simulators, the network between, one database and the real service on it, in virtual time. Things
 * happen by the methods of `amazon`, `tiktok` and this object; nothing happens by itself but what the sides do.
 */
export const createSimulation = async (options: SimulationOptions): Promise<Simulation> => {
  const time = createVirtualTime(START_MS);
  const trace = createTrace({
    nowMs: () => time.nowMs(),
    startMs: START_MS,
    keep: options.keepTrace ?? false,
  });
  const database = createDurableDatabase();
  const counters: Counters = {};
  const logs: string[] = [];
  const random = createRandom(`${options.seed}/service`);
  let life: Life | null = null;
  let env: Record<string, string> = {};
  let skewMs = 0;
  let commits = 0;
  let armed: { point: CrashPoint; left: number; downMs: number } | null = null;
  let isClosed = false;

  const count = (name: string, by = 1): void => {
    counters[name] = (counters[name] ?? 0) + by;
  };

  const die = (downMs: number): void => {
    trace.note('CRASH');
    life?.kill();
    life = null;
    time.after(downMs, () => {
      if (!life && !isClosed) time.hold(boot());
    });
  };

  /** False: the service died here. */
  const survives = (point: CrashPoint): boolean => {
    count(`point ${point}`);
    if (armed === null || armed.point !== point) return true;
    armed.left -= 1;
    if (armed.left > 0) return true;
    const { downMs } = armed;
    armed = null;
    count(`crash ${point}`);
    die(downMs);
    return false;
  };

  const fateOf = options.fate ?? ((): Fate => [50]);
  const attempts = new Map<string, number>();

  /** One copy arrives at the service, or finds nobody. */
  const deliver = async (delayMs: number, body: string, signature: string) => {
    await time.sleep(delayMs);
    const target = life;
    if (!target) throw brokenExchange('ECONNREFUSED');
    let stopWaiting = (): void => undefined;
    const tooLong = new Promise<never>((_resolve, reject) => {
      stopWaiting = time.after(ACK_MS, () => reject(new DOMException('no answer', 'TimeoutError')));
    });
    tooLong.catch(() => undefined);
    const headers = { 'content-type': 'application/json', authorization: signature };
    const call = target.request({ method: 'POST', url: '/webhooks/tiktok', headers, body });
    try {
      const answer = await Promise.race([call, tooLong]);
      trace.note(`webhook ${hashOf(body)} answered ${answer.status}`);
      count(`webhook answered ${answer.status}`);
      if (answer.status === 200) options.onAcknowledged?.(body);
      return answer;
    } finally {
      stopWaiting();
    }
  };

  const post = async (body: string, signature: string): Promise<{ status: number; body: string }> => {
    const attempt = (attempts.get(body) ?? 0) + 1;
    attempts.set(body, attempt);
    const [first, ...copies] = fateOf(`${hashOf(body)}/${attempt}`);
    if (first === undefined) {
      count('webhook lost');
      // Lost behind TikTok's back, so that it does not try again.
      return { status: 200, body: '' };
    }
    for (const delayMs of copies) {
      count('webhook duplicate');
      deliver(delayMs, body, signature).catch(() => undefined);
    }
    return deliver(first, body, signature);
  };

  const amazon = createAmazonWorld({ clock: clockOf(time), ...AMAZON_APP, ...options.amazon });
  const tiktok = createTikTokWorld({
    clock: clockOf(time),
    ...TIKTOK_APP,
    webhookUrl: 'http://service.invalid',
    post,
    ...options.tiktok,
  });

  const seen = { created: 0, reported: 0, corrected: 0, 'cancelled at Amazon': 0 };

  /** Effects that matter, and those whose answer nobody got. */
  const countEffects = (isHeard: boolean): void => {
    const now = {
      created: amazon.creates.length,
      reported: tiktok.reports.length,
      corrected: tiktok.corrections.length,
      'cancelled at Amazon': amazon.cancels.length,
    };
    const lost = isHeard ? 0 : 1;
    count('create answer lost', now.created > seen.created ? lost : 0);
    count('report answer lost', now.reported > seen.reported ? lost : 0);
    for (const name of ['created', 'reported', 'corrected', 'cancelled at Amazon'] as const) {
      count(name, now[name] - seen[name]);
      seen[name] = now[name];
    }
  };

  const nextDueMs = (): number | null => database.connection.get(nextDueQuery, {})?.at ?? null;

  const network = (who: { isOver(): boolean }) =>
    createNetwork({
      time,
      sides: {
        amazon: (request) => amazon.handle(request),
        tiktok: (request) => tiktok.handle(request),
      },
      weather: (side) => options.weather?.(side) ?? { latencyMs: 60, trouble: null },
      hooks: {
        isOver: () => who.isOver(),
        onSend: () => survives('exchange-before'),
        onEffect(side, request, reply) {
          const status = reply.kind === 'answer' ? reply.status : reply.kind;
          count(`exchange ${side}`);
          const isHeard = reply.kind === 'answer' && !who.isOver();
          countEffects(isHeard);
          const target = request.target.split('?')[0] ?? '';
          trace.note(
            `${side} ${request.method} ${target} → ${status}${who.isOver() ? ' (nobody waits)' : ''}`,
          );
          options.onExchange?.({ side, request, reply });
          return !who.isOver() && survives('exchange-after');
        },
      },
    });

  const connect = (who: { isOver(): boolean }) =>
    database.openFor({
      isOver: () => who.isOver(),
      stir: () => time.stir(),
      hook: {
        before: () => void (life && survives('commit-before')),
        after() {
          commits += 1;
          trace.note(`commit ${commits}`);
          if (life) survives('commit-after');
        },
      },
    });

  const initial = tiktok.tokens();
  const baseEnv = {
    ADMIN_TOKEN,
    ENCRYPTION_KEY,
    TIKTOK_APP_KEY: TIKTOK_APP.appKey,
    TIKTOK_APP_SECRET: TIKTOK_APP.appSecret,
    TIKTOK_SHOP_ID: tiktok.shop.id,
    TIKTOK_SHOP_CIPHER: tiktok.shop.cipher,
    TIKTOK_ACCESS_TOKEN: initial.accessToken,
    TIKTOK_REFRESH_TOKEN: initial.refreshToken,
    TIKTOK_API_URL: TIKTOK_URL,
    TIKTOK_AUTH_URL: TIKTOK_URL,
    AMAZON_LWA_CLIENT_ID: AMAZON_APP.clientId,
    AMAZON_LWA_CLIENT_SECRET: AMAZON_APP.clientSecret,
    AMAZON_LWA_REFRESH_TOKEN: AMAZON_APP.refreshToken,
    AMAZON_SP_API_URL: AMAZON_URL,
    AMAZON_LWA_URL: AMAZON_URL,
  };

  const boot = async (more: Record<string, string> = {}): Promise<void> => {
    env = { ...env, ...more };
    trace.note('start');
    count('start');
    life = await startLife({
      time,
      env: { ...baseEnv, ...options.env, ...env },
      skewMs: () => skewMs,
      nextDueMs,
      connect,
      transport: network,
      random,
      log: (line) => void logs.push(line),
      logLevel: options.logLevel ?? 'info',
    });
  };

  let commitsSeen = 0;
  const onQuiet = (): void => {
    const changed = commits !== commitsSeen;
    commitsSeen = commits;
    if (changed) life?.rearm();
    options.onQuiet?.(changed);
  };

  return {
    time,
    amazon,
    tiktok,
    database,
    trace,
    counters,
    count,
    logs,
    life: () => life,
    boot,
    async restart(more) {
      const old = life;
      if (!old) return;
      trace.note('stop');
      count('restart');
      life = null;
      await old.stop();
      time.hold(boot(more));
    },
    armCrash(point, after, downMs) {
      armed = { point, left: after, downMs };
    },
    disarmCrash() {
      armed = null;
    },
    setSkew(ms) {
      trace.note(`skew ${ms} ms`);
      skewMs = ms;
      life?.rearm();
    },
    async hasLostTokens() {
      const kept = await life?.service().store.tokens.load(TOKEN_ACCOUNT);
      const held = kept?.refreshToken ?? env['TIKTOK_REFRESH_TOKEN'] ?? initial.refreshToken;
      return held !== tiktok.tokens().refreshToken;
    },
    async api(method, url, body) {
      const target = life;
      if (!target) return null;
      const headers = {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      try {
        const sent = body === undefined ? {} : { body: JSON.stringify(body) };
        const answer = await target.request({ method, url, headers, ...sent });
        trace.note(`${method} ${url} → ${answer.status}`);
        return answer;
      } catch {
        return null;
      }
    },
    async run(forMs) {
      await time.runUntil(time.nowMs() + forMs, onQuiet);
    },
    at(atMs, what) {
      time.after(START_MS + atMs - time.nowMs(), what);
    },
    close() {
      isClosed = true;
      life?.kill();
      tiktok.stop();
      database.close();
    },
  };
};
