import { z } from 'zod';

import { badParameter, type Outcome, type Refusal } from './outcome.ts';
import type { World } from './state.ts';

/** One checked request on its way into an endpoint. */
export type Call = {
  world: World;
  params: string[];
  query: URLSearchParams;
  body: unknown;
  /** Orders this call is about, for the call log. */
  orderIds: string[];
};

export type Route = {
  operation: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `{id}` stands for a string of digits. */
  path: string;
  cipher: 'required' | 'forbidden';
  handle(call: Call): Outcome;
};

const explain = (error: z.ZodError): string =>
  error.issues.map((issue) => `body.${issue.path.join('.')}: ${issue.message}`).join('; ');

/** An endpoint whose JSON body must have these types; fields nobody knows are tolerated, as at TikTok. */
export const post = <T>(
  operation: string,
  path: string,
  schema: z.ZodType<T>,
  handle: (call: Call, body: T) => Outcome,
): Route => ({
  operation,
  method: 'POST',
  path,
  cipher: 'required',
  handle(call) {
    const body = schema.safeParse(call.body ?? {});
    return body.success ? handle(call, body.data) : badParameter(explain(body.error));
  },
});

/** The same with another method. */
export const withMethod = (method: Route['method'], route: Route): Route => ({ ...route, method });

export const get = (
  operation: string,
  path: string,
  handle: (call: Call) => Outcome,
  cipher: Route['cipher'] = 'required',
): Route => ({ operation, method: 'GET', path, cipher, handle });

export const digits = z.string().regex(/^\d+$/, 'must be a string of digits');
export const seconds = z.int().nonnegative();

export type Sortable = { id: string; create_time: number; update_time: number };

type PageRules = { max: number; fallback: number; order: 'ASC' | 'DESC'; fields?: readonly string[] };

type Page = {
  size: number;
  field: 'create_time' | 'update_time';
  order: 'ASC' | 'DESC';
  after: Cursor | null;
};

type Cursor = { value: number; id: string };

const cursorSchema = z.object({ value: z.number(), id: z.string() });

// The marks in front keep tokens full of characters that must be percent-encoded, as TikTok's are.
const TOKEN_MARK = '6A+/';

const encodeCursor = (cursor: Cursor): string =>
  `${TOKEN_MARK}${Buffer.from(JSON.stringify(cursor)).toString('base64')}`;

const decodeCursor = (token: string): Cursor | undefined => {
  if (!token.startsWith(TOKEN_MARK)) return undefined;
  try {
    const text = Buffer.from(token.slice(TOKEN_MARK.length), 'base64').toString('utf8');
    return cursorSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const pageOf = (query: URLSearchParams, rules: PageRules): Page | Refusal => {
  const sizeText = query.get('page_size') ?? String(rules.fallback);
  const size = /^\d+$/.test(sizeText) ? Number(sizeText) : 0;
  if (size < 1 || size > rules.max) return badParameter(`page_size must be within 1 and ${rules.max}`);
  const field = query.get('sort_field') ?? 'create_time';
  if (field !== 'create_time' && field !== 'update_time') return badParameter('sort_field is invalid');
  const order = query.get('sort_order') ?? rules.order;
  if (order !== 'ASC' && order !== 'DESC') return badParameter('sort_order is invalid');
  const token = query.get('page_token') ?? '';
  const after = token === '' ? null : decodeCursor(token);
  return after === undefined ? badParameter('page_token is invalid') : { size, field, order, after };
};

const precedes = (a: Cursor, b: Cursor): boolean => (a.value === b.value ? a.id < b.id : a.value < b.value);

/** Sorts and cuts a list the way every search of the API does, or says what is wrong with the query. */
export const paged = <T extends Sortable>(
  items: T[],
  query: URLSearchParams,
  rules: PageRules,
): { items: T[]; page: { next_page_token: string; total_count: number } } | Refusal => {
  const page = pageOf(query, rules);
  if ('ok' in page) return page;
  const cursor = (item: T): Cursor => ({ value: item[page.field], id: item.id });
  const sign = page.order === 'ASC' ? 1 : -1;
  const sorted = items.toSorted((a, b) => (precedes(cursor(a), cursor(b)) ? -sign : sign));
  const { after } = page;
  const start =
    after === null
      ? 0
      : sorted.findIndex((item) =>
          sign === 1 ? precedes(after, cursor(item)) : precedes(cursor(item), after),
        );
  const slice = start < 0 ? [] : sorted.slice(start, start + page.size);
  const last = slice.at(-1);
  const more = start >= 0 && start + page.size < sorted.length;
  return {
    items: slice,
    page: {
      next_page_token: more && last !== undefined ? encodeCursor(cursor(last)) : '',
      total_count: items.length,
    },
  };
};

/** Whether a time lies in a window; the upper bound is exclusive. */
export const within = (time: number, from: number | undefined, before: number | undefined): boolean =>
  time >= (from ?? 0) && time < (before ?? Number.POSITIVE_INFINITY);
