import type { Decision } from './decision.ts';
import { NOW } from './lives-samples.ts';
import {
  ADDRESSES,
  AMAZON,
  CHANNEL,
  type Coordinates,
  canOccur,
  decisionFor,
  PARCELS,
  REQUESTS,
} from './lives-situations.ts';
import type { Policy } from './policy.ts';

/** One row of the table: what each of the four columns may be, and what is then done. */
type Row = { cells: string[][]; outcome: string };

const COLUMNS = ['Amazon', 'Parcels', 'Buyer’s request', 'Address'];
const DOMAINS: readonly (readonly string[])[] = [AMAZON, PARCELS, REQUESTS, ADDRESSES];

/** What an effect does, in a person's words. */
const EFFECTS: Readonly<Record<Exclude<Decision['kind'], 'wait' | 'ignore' | 'review' | 'done'>, string>> = {
  create: 'create at Amazon',
  cancel: 'cancel at Amazon, then look',
  cancelOrder: 'cancel at TikTok',
  approveCancellation: 'approve the request',
  rejectCancellation: 'reject the request',
  ship: 'report the number',
  correctTracking: 'correct the number',
};

export const outcomeText = (decision: Decision): string =>
  'stage' in decision
    ? `${decision.kind}: ${decision.stage}, \`${decision.reason}\``
    : `**${decision.kind}**: ${EFFECTS[decision.kind]}`;

const cellsOf = ({ amazon, parcels, request, address }: Coordinates): string[] => [
  amazon,
  parcels,
  request,
  address,
];

/** Every combination that can occur in one state of TikTok. */
export const combinations = (channel: Coordinates['channel']): Coordinates[] =>
  AMAZON.flatMap((amazon) =>
    PARCELS.flatMap((parcels) =>
      REQUESTS.flatMap((request) =>
        ADDRESSES.map((address): Coordinates => ({ channel, amazon, parcels, request, address })),
      ),
    ),
  ).filter(canOccur);

const sameBut = (a: Row, b: Row, column: number): boolean =>
  a.outcome === b.outcome &&
  a.cells.every((cell, index) => index === column || cell.join() === b.cells[index]?.join());

/** Joins rows that differ in one column only. */
const mergeColumn = (rows: readonly Row[], column: number): Row[] => {
  const merged: Row[] = [];
  for (const row of rows) {
    const partner = merged.find((other) => sameBut(row, other, column));
    if (partner) partner.cells[column]?.push(...(row.cells[column] ?? []));
    else merged.push({ ...row, cells: row.cells.map((cell) => [...cell]) });
  }
  return merged;
};

/** Rows that say the same become one: the columns that matter least are joined first. */
export const rowsOf = (channel: Coordinates['channel'], country: string): Row[] => {
  const single = combinations(channel).map((at) => ({
    cells: cellsOf(at).map((cell) => [cell]),
    outcome: outcomeText(decisionFor(at, country)),
  }));
  return [3, 2, 1, 0].reduce(mergeColumn, single);
};

/** What a column could hold beside the row's other cells. */
const possible = (channel: Coordinates['channel'], row: Row, column: number): string[] => {
  const fits = (at: Coordinates): boolean =>
    cellsOf(at).every((value, index) => index === column || row.cells[index]?.includes(value));
  const values = combinations(channel)
    .filter(fits)
    .map((at) => cellsOf(at)[column]);
  return (DOMAINS[column] ?? []).filter((value) => values.includes(value));
};

const cellText = (channel: Coordinates['channel'], row: Row, column: number): string => {
  const values = row.cells[column] ?? [];
  const could = possible(channel, row, column);
  if (could.length === values.length) return could.length === 1 && column > 0 ? '–' : 'any';
  return (DOMAINS[column] ?? []).filter((value) => values.includes(value)).join(', ');
};

const tableOf = (channel: Coordinates['channel']): string[] => [
  `| ${COLUMNS.join(' | ')} | Decision |`,
  `|${'---|'.repeat(COLUMNS.length + 1)}`,
  ...rowsOf(channel, 'US').map(
    (row) => `| ${COLUMNS.map((_, column) => cellText(channel, row, column)).join(' | ')} | ${row.outcome} |`,
  ),
];

/** The page of every life of an order, as `docs/order-lives.md` holds it. */
export const livesPage = (): string => {
  const sections = CHANNEL.flatMap((channel) => {
    return [`## TikTok: ${channel}`, '', ...tableOf(channel), ''];
  });
  return [...INTRODUCTION, ...sections, ...outsideUs(), ...paused(), ...olderThanLive()].join('\n');
};

/** Where the rules named decide otherwise than in the tables above. */
const otherwise = (title: string, text: readonly string[], country: string, rules: Partial<Policy> = {}) => {
  const rows = CHANNEL.flatMap((channel) =>
    combinations(channel).flatMap((at) => {
      const there = outcomeText(decisionFor(at, country, rules));
      const cells = [[channel], ...cellsOf(at).map((cell) => [cell])];
      return there === outcomeText(decisionFor(at, 'US')) ? [] : [{ cells, outcome: there }];
    }),
  );
  const merged = [4, 3, 2, 1, 0].reduce(mergeColumn, rows);
  return [
    `## ${title}`,
    '',
    ...text,
    '',
    `| TikTok | ${COLUMNS.join(' | ')} | Decision |`,
    `|${'---|'.repeat(COLUMNS.length + 2)}`,
    ...merged.map(
      (row) => `| ${row.cells.map((values) => values.join(', ')).join(' | ')} | ${row.outcome} |`,
    ),
    '',
  ];
};

const ONLY_THESE = 'Only these combinations are decided otherwise than above.';

const outsideUs = (): string[] => otherwise('Outside the US', [ONLY_THESE], 'GB');

const paused = (): string[] =>
  otherwise(
    'While the shop is paused',
    [`${ONLY_THESE} A paused SKU does the same to its orders (\`sku_paused\`).`],
    'US',
    { isPaused: () => true },
  );

const olderThanLive = (): string[] =>
  otherwise(
    'Placed before the service went live',
    [`${ONLY_THESE} It ends with a retry by a person.`],
    'US',
    { liveFromMs: NOW },
  );

const INTRODUCTION = [
  '# The lives of an order',
  '',
  'What is done in every situation of an order: the row that fits what TikTok and Amazon say now is the next step, and',
  'after an effect (in bold) both sides are read anew and the table is asked again. It is written by running the rules',
  'themselves (`src/orders/decide.ts`) over one ordinary order in a US shop with `CANCELLATION_POLICY=auto`, whose hold',
  'is over and which no person has touched. A retry, a cancellation or a closing by hand, other policies, replaced numbers',
  'and an answer that was lost have their own rules beside it.',
  '',
  '- **Amazon**: "not visible yet" is an order that Amazon took and does not show, "lost" one that it does not show after',
  '  ten minutes. An order that Amazon was asked to cancel waits (`cancelling`) until a read shows how that ended.',
  '- **Parcels**: a number not reported, where TikTok already shows the line as shipped, is a line that was shipped by',
  '  hand under another number. At a cancelled fulfillment it is a parcel that left all the same.',
  '- **Buyer’s request** is the open wish to cancel; an edited **address** is another one than Amazon was given.',
  '- "any" is everything that can occur beside the other cells, "–" that only one thing can.',
  '',
];
