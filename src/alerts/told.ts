import { z } from 'zod';
import type { Condition, Severity } from './conditions.ts';

/** What was last said of a condition. */
export type Told = {
  severity: Severity;
  title: string;
  count: number;
  sides: string[];
  sinceMs: number;
  toldAtMs: number;
};

/** What was last told, by the conditions' keys. */
export type ToldBook = Record<string, Told>;

/** What there is to say. `since` is when it was first told. */
export type News =
  | { kind: 'new'; condition: Condition }
  | { kind: 'still'; condition: Condition; sinceMs: number }
  | { kind: 'recovered'; title: string; sinceMs: number };

/** Shorter than the time for which a deadline is at risk, so that each order is told of before its own is missed. */
const REPEAT_AFTER_MS = 6 * 3_600_000;

/** A fault that spreads is told when it doubled, but not with every order that comes in. */
const GROWTH_PAUSE_MS = 10 * 60_000;

const told: z.ZodType<Told> = z.object({
  severity: z.enum(['warning', 'critical']),
  title: z.string(),
  count: z.number(),
  sides: z.array(z.string()),
  sinceMs: z.number(),
  toldAtMs: z.number(),
});

const books = z.record(z.string(), z.record(z.string(), told));

/** Reads what `writeBooks` wrote. What cannot be read was told to nobody: it is better said twice than never. */
export const readBooks = (text: string | null): Map<string, ToldBook> => {
  if (text === null) return new Map();
  try {
    return new Map(Object.entries(books.parse(JSON.parse(text))));
  } catch {
    return new Map();
  }
};

/** What each destination was told, as text. */
export const writeBooks = (byDestination: ReadonlyMap<string, ToldBook>): string =>
  JSON.stringify(Object.fromEntries(byDestination));

const isDue = (condition: Condition, last: Told, nowMs: number): boolean => {
  if (condition.severity === 'critical' && last.severity === 'warning') return true;
  const passedMs = nowMs - last.toldAtMs;
  const hasDoubled = condition.count >= 2 * last.count;
  return passedMs >= REPEAT_AFTER_MS || (hasDoubled && passedMs >= GROWTH_PAUSE_MS);
};

const newsOf = (condition: Condition, last: Told | undefined, nowMs: number): News[] => {
  if (!last) return [{ kind: 'new', condition }];
  return isDue(condition, last, nowMs) ? [{ kind: 'still', condition, sinceMs: last.sinceMs }] : [];
};

/**
 * What is to be said now, and the book once it was said. A condition of sides is over only when each of them is known
 * to be well: after a start nothing is known of them yet. Pure.
 */
export const compare = (
  book: ToldBook,
  conditions: readonly Condition[],
  wellSides: ReadonlySet<string>,
  nowMs: number,
): { news: News[]; book: ToldBook } => {
  const next: ToldBook = {};
  const news: News[] = [];
  for (const condition of conditions) {
    const { key, severity, title, count, sides } = condition;
    const last = book[key];
    const own = newsOf(condition, last, nowMs);
    news.push(...own);
    const sinceMs = last?.sinceMs ?? nowMs;
    next[key] = last && own.length === 0 ? last : { severity, title, count, sides, sinceMs, toldAtMs: nowMs };
  }
  for (const [key, last] of Object.entries(book)) {
    if (next[key]) continue;
    if (last.sides.every((side) => wellSides.has(side)))
      news.push({ kind: 'recovered', title: last.title, sinceMs: last.sinceMs });
    else next[key] = last;
  }
  return { news, book: next };
};
