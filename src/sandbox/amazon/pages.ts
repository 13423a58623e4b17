import { nextNumber, type World } from './state.ts';

export type Pages<Row> = {
  /** Cuts the rows into pages and gives the first one. */
  first(key: string, rows: readonly Row[]): Page<Row>;
  /** The page behind a token, if it is alive and the request is otherwise the same. */
  next(token: string, key: string): Page<Row> | undefined;
};
export type Page<Row> = { rows: readonly Row[]; nextToken: string | undefined };

/** Pages over a frozen result. A token holds only for the request it came from, and for `lifeMs`. */
export const createPages = <Row>(world: World, size: number, lifeMs: number): Pages<Row> => {
  const open = new Map<string, { key: string; rows: readonly Row[]; untilMs: number }>();

  const cut = (key: string, rows: readonly Row[]): Page<Row> => {
    const rest = rows.slice(size);
    if (rest.length === 0) return { rows, nextToken: undefined };
    // Characters that do not survive a query unencoded, as in Amazon's own tokens.
    const token = `seed-${nextNumber(world)}+/token==`;
    open.set(token, { key, rows: rest, untilMs: world.clock.nowMs() + lifeMs });
    return { rows: rows.slice(0, size), nextToken: token };
  };

  return {
    first: cut,
    next(token, key) {
      const found = open.get(token);
      if (!found || found.key !== key || world.clock.nowMs() > found.untilMs) return undefined;
      return cut(key, found.rows);
    },
  };
};
