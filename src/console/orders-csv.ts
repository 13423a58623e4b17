import { isoTime } from '../lib/clock.ts';
import type { OrderRecord } from '../orders/model.ts';
import { REASONS } from '../orders/reasons.ts';

const MOST_ROWS = 10_000;

const time = (ms: number | null): string => (ms === null ? '' : isoTime(ms));

const COLUMNS: readonly [string, (record: OrderRecord) => string][] = [
  ['order_id', ({ key }) => key.orderId],
  ['shop_id', ({ key }) => key.shopId],
  ['stage', ({ stage }) => stage],
  ['reason', ({ reason }) => reason ?? ''],
  ['why', ({ reason }) => (reason ? REASONS[reason].title : '')],
  ['fulfillment_id', ({ fulfillmentId }) => fulfillmentId ?? ''],
  ['ordered_at', ({ orderCreatedAtMs }) => time(orderCreatedAtMs)],
  ['ship_by', ({ shipByMs }) => time(shipByMs)],
  ['total', ({ snapshot }) => snapshot?.total?.value ?? ''],
  ['currency', ({ snapshot }) => snapshot?.total?.currency ?? ''],
  [
    'tracking_numbers',
    ({ packages }) => packages.flatMap(({ reportedNumber }) => reportedNumber ?? []).join(' '),
  ],
];

/** Quoted, and with an apostrophe before what a spreadsheet would run. */
const cell = (text: string): string => {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

const row = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;

type Page = { orders: readonly OrderRecord[]; nextCursor: string | null };

/** The list as CSV (RFC 4180), page by page; its last line says so where it was cut short. */
export async function* ordersCsv(
  list: (cursor: { cursor?: string }) => Promise<Page>,
): AsyncGenerator<string> {
  yield row(COLUMNS.map(([name]) => name));
  let page = await list({});
  for (let rows = 0; ; ) {
    yield page.orders.map((record) => row(COLUMNS.map(([, read]) => read(record)))).join('');
    rows += page.orders.length;
    if (page.nextCursor === null) return;
    if (rows >= MOST_ROWS) {
      yield row([`Only the first ${rows} orders; narrow the list to see the others.`]);
      return;
    }
    page = await list({ cursor: page.nextCursor });
  }
}
