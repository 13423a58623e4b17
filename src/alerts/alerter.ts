import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';
import { type Facts, findConditions } from './conditions.ts';
import { type Message, messageOf } from './message.ts';
import { compare, readBooks, type ToldBook, writeBooks } from './told.ts';

/** Where alerts go. `deliver` ends within seconds and throws an error without secrets. */
export type Destination = {
  /** Names its part of what was told, so it does not change. */
  name: string;
  deliver(message: Message): Promise<void>;
};

export type AlerterDeps = {
  destinations: readonly Destination[];
  facts(): Promise<Facts>;
  store: Pick<Store, 'cursors'>;
  clock: Clock;
  onUndelivered(destination: string, error: unknown): void;
  onFault(error: unknown): void;
};

export type Alerter = {
  /** Looks at what is wrong now and tells each destination what it does not know yet. Never throws. */
  round(): Promise<void>;
};

const CURSOR = 'alerts';

/** Derives alerts from the present state, so that lost messages, restarts and missed rounds change nothing. */
export const createAlerter = (deps: AlerterDeps): Alerter => {
  /** Answers the new book, or null when nothing was said: what was not delivered is said in the next round. */
  const tell = async (destination: Destination, book: ToldBook, facts: Facts): Promise<ToldBook | null> => {
    const nowMs = deps.clock.nowMs();
    const wellSides = new Set(
      facts.sides.filter(({ state, isKnown }) => state === 'ok' && isKnown).map(({ name }) => name),
    );
    const result = compare(book, findConditions(facts, nowMs), wellSides, nowMs);
    const message = messageOf(result.news);
    if (!message) return null;
    try {
      await destination.deliver(message);
      return result.book;
    } catch (error) {
      deps.onUndelivered(destination.name, error);
      return null;
    }
  };

  const lookAndTell = async (): Promise<void> => {
    const facts = await deps.facts();
    const books = readBooks(await deps.store.cursors.get(CURSOR));
    const told = await Promise.all(
      deps.destinations.map(async (destination) => ({
        name: destination.name,
        book: await tell(destination, books.get(destination.name) ?? {}, facts),
      })),
    );
    const said = told.flatMap(({ name, book }) => (book ? [[name, book] as const] : []));
    if (said.length > 0) await deps.store.cursors.set(CURSOR, writeBooks(new Map([...books, ...said])));
  };

  return {
    async round() {
      try {
        await lookAndTell();
      } catch (error) {
        deps.onFault(error);
      }
    },
  };
};
