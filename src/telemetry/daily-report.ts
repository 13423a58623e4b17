import { z } from 'zod';
import { type Clock, daysToMs, isoTime } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import { DIFFERENCES, differencesOf, totalsOf } from './compare-day.ts';
import { dayOf, type GatherDeps, gatherDay } from './gather-day.ts';

const counts = z.record(z.string(), z.number());

/** What is kept of a report. No personal data. */
export const DailyReport = z.object({
  /** Day in UTC. */
  date: z.iso.date(),
  madeAt: z.iso.datetime(),
  /** Orders by status at TikTok, by stage here, by state of their fulfillments at Amazon. */
  shops: z.array(
    z.object({
      channel: z.string(),
      shopId: z.string(),
      atChannel: counts,
      here: counts,
      atProvider: counts,
    }),
  ),
  differenceCount: z.number(),
  /** The first 200. */
  differences: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      text: z.string(),
      channel: z.string(),
      shopId: z.string(),
      orderId: z.string(),
      fulfillmentId: z.string().nullable(),
    }),
  ),
  /** What could not be read, so that the report says nothing of it. */
  errors: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type DailyReport = z.infer<typeof DailyReport>;

export type DailyReporterDeps = GatherDeps & {
  store: Pick<Store, 'orders' | 'cursors'>;
  onFault(error: unknown): void;
};

export type DailyReporter = {
  /** Compares a day and keeps the result in the place of an earlier one. Throws `StoreUnavailable`. */
  make(date: string): Promise<DailyReport>;
  /** The report of a day of the last month, or the newest one. Null: there is none. */
  find(date: string | null): Promise<DailyReport | null>;
  start(): void;
  stop(): Promise<void>;
};

const LAST = 'daily_report/last';
const MAX_DIFFERENCES = 200;
const LOOK_EVERY_MS = 15 * 60_000;
/** What happened just before midnight has until then to arrive everywhere. */
const BEGIN_AFTER_MS = 3_600_000;
/** A day that a side could not tell about is compared again so often. */
const MAX_TRIES = 4;

/** One place for each day of the month, so that a month is kept and nothing has to be deleted. */
const placeOf = (date: string): string => `daily_report/${date.slice(-2)}`;

const readReport = (text: string | null): DailyReport | null => {
  if (text === null) return null;
  const parsed = DailyReport.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
};

const findReport = async (
  { cursors }: Pick<Store, 'cursors'>,
  date: string | null,
): Promise<DailyReport | null> => {
  if (date === null) return null;
  const report = readReport(await cursors.get(placeOf(date)));
  return report?.date === date ? report : null;
};

/** The last report that was made; null: none yet. */
export const newestReport = async (store: Pick<Store, 'cursors'>): Promise<DailyReport | null> =>
  findReport(store, await store.cursors.get(LAST));

const makeReport = async (deps: DailyReporterDeps, date: string): Promise<DailyReport> => {
  const { orders, errors } = await gatherDay(deps, date);
  const nowMs = deps.clock.nowMs();
  const differences = orders.flatMap((order) => differencesOf(order, nowMs));
  return {
    date,
    madeAt: isoTime(nowMs),
    shops: totalsOf(orders),
    differenceCount: differences.length,
    differences: differences
      .slice(0, MAX_DIFFERENCES)
      .map((difference) => ({ ...difference, ...DIFFERENCES[difference.kind] })),
    errors,
  };
};

const yesterday = (clock: Clock): string => isoTime(clock.nowMs() - daysToMs(1)).slice(0, 10);

/**
 * Once a day, an hour after midnight UTC, compares what the channels, this service and the providers say of the day
 * before. A service that did not run then does it at its next start; days before that are not made up for.
 */
export const createDailyReporter = (deps: DailyReporterDeps): DailyReporter => {
  const { store, clock } = deps;
  const stopping = new AbortController();
  let loop = Promise.resolve();
  let tries = { date: '', count: 0 };

  const find = (date: string | null): Promise<DailyReport | null> =>
    date === null ? newestReport(store) : findReport(store, date);
  const make = async (date: string): Promise<DailyReport> => {
    const report = await makeReport(deps, date);
    await store.cursors.set(placeOf(date), JSON.stringify(report));
    const last = await store.cursors.get(LAST);
    if (last === null || last < date) await store.cursors.set(LAST, date);
    return report;
  };
  const makeIfDue = async (): Promise<void> => {
    const date = yesterday(clock);
    if (clock.nowMs() < dayOf(date).untilMs + BEGIN_AFTER_MS) return;
    const made = await find(date);
    const triesSoFar = tries.date === date ? tries.count : 0;
    if (made && (made.errors.length === 0 || triesSoFar >= MAX_TRIES)) return;
    tries = { date, count: triesSoFar + 1 };
    await make(date);
  };
  const runForever = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await makeIfDue();
      } catch (error) {
        deps.onFault(error);
      }
    }
  };
  return {
    make,
    find,
    start() {
      loop = runForever();
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
};
