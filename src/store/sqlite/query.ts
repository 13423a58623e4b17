import {
  type Compilable,
  DummyDriver,
  Kysely,
  type RawBuilder,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely';
import type { Database } from '../schema.ts';

/** What a column can hold. */
export type SqlValue = null | number | string | Uint8Array;

type Values = Record<string, SqlValue>;

/** Of a query without slots. */
export type NoValues = Record<string, never>;

/** Stands for a value that is given when the query runs. */
export type Slot<P> = <K extends keyof P & string>(name: K) => RawBuilder<P[K]>;

/** A compiled query: `P` are the values it takes, `R` is a row it answers. */
export type Query<P, R> = {
  readonly sql: string;
  /** The values in the statement's order, behind those that are in `bound` already. */
  bind(values: P, bound?: SqlValue[]): SqlValue[];
  /** Names the row's type; the tables are STRICT, so rows are what the schema says. */
  rows(raw: readonly unknown[]): R[];
};

/*
 * Kysely only builds SQL here. Its drivers are asynchronous, and a group of writes has to run back to back without
 * giving way, so the statements are run by driver.ts.
 */
const builder = new Kysely<Database>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

const isSqlValue = (value: unknown): value is SqlValue =>
  value === null || typeof value === 'number' || typeof value === 'string' || value instanceof Uint8Array;

const constant = (value: unknown): SqlValue => {
  if (!isSqlValue(value)) throw new TypeError('A query holds a constant that SQLite cannot bind.');
  return value;
};

/** Compiles a query once, with named slots for what differs from call to call. */
export const query =
  <P extends Values>() =>
  <R>(build: (db: Kysely<Database>, slot: Slot<P>) => Compilable<R>): Query<P, R> => {
    const names = new Map<unknown, keyof P & string>();
    const slot: Slot<P> = (name) => {
      const mark = { name };
      names.set(mark, name);
      return sql`${mark}`;
    };
    const compiled = build(builder, slot).compile();
    const slots = compiled.parameters.map((parameter) => names.get(parameter) ?? null);
    const constants = compiled.parameters.map((parameter) =>
      names.has(parameter) ? null : constant(parameter),
    );
    return {
      sql: compiled.sql,
      bind(values, bound = []) {
        for (let at = 0; at < slots.length; at += 1) {
          const name = slots[at];
          bound.push((name ? values[name] : constants[at]) ?? null);
        }
        return bound;
      },
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- STRICT tables enforce the schema's types
      rows: (raw) => raw as R[],
    };
  };

const ONE_ROW = /(?<= values )\([^()]*\)/;

/** An insert of one row, made to take exactly so many. */
export const manyRows = <P, R>(insert: Query<P, R>, count: number): Query<readonly P[], R> => ({
  sql: insert.sql.replace(ONE_ROW, (row) => Array<string>(count).fill(row).join(', ')),
  bind(rows, bound = []) {
    for (const row of rows) insert.bind(row, bound);
    return bound;
  },
  rows: (raw) => insert.rows(raw),
});

/** Keeps the queries of one family, each compiled when its shape is first asked for. */
export const queriesByShape = <P, R>(
  build: (shape: string) => Query<P, R>,
): ((shape: string) => Query<P, R>) => {
  const known = new Map<string, Query<P, R>>();
  return (shape) => {
    const found = known.get(shape) ?? build(shape);
    known.set(shape, found);
    return found;
  };
};
