import type { Clock } from '../lib/clock.ts';
import { type Principal, sees } from '../people/principal.ts';
import type { HourCount, Store } from '../store/store.ts';
import { type Html, html } from './html.ts';
import { card, count, empty, table, time } from './parts.ts';

/** One hour of the last day. */
export type Hour = { fromMs: number; routed: number; shipped: number };

/** What was done in each hour of the last day, oldest first, of the shops that this person sees. */
export type Hours = { of(principal: Principal): Promise<Hour[]> };

const HOUR_MS = 3_600_000;
const SHOWN = 24;
/** Of the newest orders and parcels: who has more in a day sees its last hours. */
const MOST = 10_000;
const FRESH_MS = 60_000;

/** Read anew when it is older than a minute: it is the same for everybody, but for what each may see. */
export const createHours = ({
  store,
  clock,
}: {
  store: { orders: Pick<Store['orders'], 'perHour'> };
  clock: Clock;
}): Hours => {
  type Read = { atMs: number; fromMs: number; counts: ReturnType<Store['orders']['perHour']> };
  let known: Read | null = null;
  const read = (): Read => {
    const nowMs = clock.nowMs();
    if (known && nowMs - known.atMs < FRESH_MS) return known;
    const fromMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (SHOWN - 1) * HOUR_MS;
    const fresh: Read = { atMs: nowMs, fromMs, counts: store.orders.perHour(fromMs, MOST) };
    known = fresh;
    fresh.counts.catch(() => {
      if (known === fresh) known = null;
    });
    return fresh;
  };
  return {
    async of(principal) {
      const { fromMs, counts } = read();
      const { routed, reported } = await counts;
      const sum = (rows: readonly HourCount[], atMs: number): number =>
        rows
          .filter(({ shopId, hourMs }) => hourMs === atMs && sees(principal, shopId))
          .reduce((total, row) => total + row.count, 0);
      return Array.from({ length: SHOWN }, (_none, index) => {
        const atMs = fromMs + index * HOUR_MS;
        return { fromMs: atMs, routed: sum(routed, atMs), shipped: sum(reported, atMs) };
      });
    },
  };
};

const WIDTH = 640;
const HEIGHT = 170;
const BASE = 140;
const TOP = 14;
const LEFT = 34;
const STEP = (WIDTH - LEFT) / SHOWN;
const BAR = 10;

const bars = ({ routed, shipped }: Hour, index: number, most: number): Html => {
  const x = LEFT + index * STEP;
  const heightOf = (value: number): number => Math.round((value / most) * (BASE - TOP));
  const bar = (kind: 'a' | 'b', at: number, value: number): Html =>
    value === 0
      ? html``
      : html`<rect class="${kind}" x="${at.toFixed(1)}" y="${BASE - heightOf(value)}" width="${BAR}" height="${heightOf(value)}" rx="2"></rect>`;
  return html`${bar('a', x + 2, routed)}${bar('b', x + 3 + BAR, shipped)}`;
};

const chart = (hours: readonly Hour[]): Html => {
  const most = Math.max(1, ...hours.flatMap(({ routed, shipped }) => [routed, shipped]));
  const labels = [0, 6, 12, 18].map(
    (index) => html`<text x="${LEFT + index * STEP}" y="${BASE + 18}">${SHOWN - index} h ago</text>`,
  );
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Orders sent to Amazon and parcels reported to TikTok in each of the last ${SHOWN} hours; the numbers are in the table below">
    <line class="grid-line" x1="${LEFT}" x2="${WIDTH}" y1="${BASE}" y2="${BASE}"></line><line class="grid-line" x1="${LEFT}" x2="${WIDTH}" y1="${TOP}" y2="${TOP}"></line>
    <text x="${LEFT - 6}" y="${TOP + 4}" text-anchor="end">${count(most)}</text><text x="${LEFT - 6}" y="${BASE + 4}" text-anchor="end">0</text>
    ${hours.map((hour, index) => bars(hour, index, most))}${labels}<text x="${WIDTH}" y="${BASE + 18}" text-anchor="end">now</text></svg>
    <p class="legend"><span class="key a"></span> sent to Amazon <span class="key b"></span> parcels reported to TikTok</p>`;
};

/** The last day as a chart, with its numbers as a table. */
export const hoursCard = (hours: readonly Hour[]): Html =>
  card(
    'The last 24 hours',
    hours.every(({ routed, shipped }) => routed === 0 && shipped === 0)
      ? empty(
          'Nothing was sent or shipped in the last day',
          html`Orders go to Amazon when their hold is over; <a href="/console/orders?stage=waiting">see those that wait</a>.`,
        )
      : html`${chart(hours)}<details id="hours-table"><summary>The numbers</summary>${table(
          'Orders sent to Amazon and parcels reported, by hour',
          [
            { title: 'Hour from', cell: ({ fromMs }) => time(fromMs) },
            { title: 'Sent to Amazon', cell: ({ routed }) => count(routed), kind: 'number' },
            { title: 'Reported to TikTok', cell: ({ shipped }) => count(shipped), kind: 'number' },
          ],
          hours.toReversed(),
        )}</details>`,
  );
