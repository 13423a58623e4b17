import type { AmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import type { Order, TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import type { Mail } from './courier.ts';

/** An order as the service has it. */
export type OrderRow = { orderId: string; stage: string; reason: string | null };

const LATE = 'a notification was not acknowledged within 3 seconds';

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

/** Faults of the books of webhooks: sent = acknowledged + refused + cut off; acknowledged ⊆ stored ⊆ sent. */
export const mailFaults = (mail: Mail, storedIds: ReadonlySet<string>): string[] => {
  const faults: string[] = [];
  const answered = mail.acknowledged + sum(mail.refused.values()) + mail.cut;
  if (mail.sent !== answered) faults.push(`${mail.sent} webhooks were sent and ${answered} accounted for`);
  const lost = [...mail.acknowledgedIds].filter((id) => !storedIds.has(id));
  if (lost.length > 0)
    faults.push(`${lost.length} acknowledged webhooks are lost: ${lost.slice(0, 3).join(' ')}`);
  const invented = [...storedIds].filter((id) => !mail.sentIds.has(id));
  if (invented.length > 0) faults.push(`${invented.length} stored webhooks were never sent`);
  for (const [status, count] of mail.refused) {
    if (status !== 503) faults.push(`${count} webhooks were answered with ${status}`);
  }
  return faults;
};

const parcelFaults = (tiktok: TikTokSandbox, amazon: AmazonSandbox, order: Order): string[] => {
  const { id } = order;
  const shipped = amazon
    .orders()
    .filter(({ fulfillmentId }) => fulfillmentId.startsWith(`TTS-${id}`))
    .flatMap(({ parcels }) => parcels)
    .filter(({ status }) => status === 'SHIPPED')
    .map(({ trackingNumber }) => trackingNumber ?? '');
  const reports = tiktok.reports.filter(({ orderId }) => orderId === id);
  const numbers = reports.map(({ trackingNumber }) => trackingNumber);
  const lineIds = reports.flatMap((report) => report.lineIds);
  const faults: string[] = [];
  if (numbers.toSorted().join() !== shipped.toSorted().join())
    faults.push(
      `${id}: Amazon shipped ${shipped.join() || 'nothing'}, reported was ${numbers.join() || 'nothing'}`,
    );
  if (new Set(lineIds).size !== lineIds.length) faults.push(`${id}: a line was reported twice`);
  if (order.status !== 'CANCELLED' && lineIds.length !== order.lines.length)
    faults.push(`${id}: ${lineIds.length} of ${order.lines.length} lines were reported`);
  return faults;
};

const orderFaults = (
  tiktok: TikTokSandbox,
  amazon: AmazonSandbox,
  order: Order,
  row: OrderRow | undefined,
): string[] => {
  const isCancelled = order.status === 'CANCELLED';
  const ids = amazon.creates
    .map((create) => create.fulfillmentId)
    .filter((one) => one.startsWith(`TTS-${order.id}`));
  const live = ids.filter((one) => amazon.order(one)?.state !== 'Cancelled');
  const stage = isCancelled ? 'cancelled' : 'completed';
  const faults: string[] = [];
  if (live.length !== (isCancelled ? 0 : 1))
    faults.push(`${order.id} is ${order.status} and has ${live.length} live orders at Amazon`);
  if (ids.length > 1) faults.push(`${order.id} was created as ${ids.join()}`);
  if (row?.stage !== stage)
    faults.push(
      `${order.id} is ${order.status} at TikTok and ${row?.stage ?? 'unknown'} here (${row?.reason})`,
    );
  return [...faults, ...parcelFaults(tiktok, amazon, order)];
};

/** Faults of the books of orders: each created once, each parcel reported once, each in its final stage. */
export const bookFaults = (
  tiktok: TikTokSandbox,
  amazon: AmazonSandbox,
  rows: readonly OrderRow[],
): string[] => {
  const byId = new Map(rows.map((row) => [row.orderId, row]));
  return [
    ...tiktok.orders().flatMap((order) => orderFaults(tiktok, amazon, order, byId.get(order.id))),
    ...amazon.duplicateCreates.map(({ fulfillmentId }) => `${fulfillmentId} was created again`),
    ...amazon.violations.map(({ operation, rule, detail }) => `Amazon, ${operation}: ${rule} ${detail}`),
    ...tiktok.violations
      .filter(({ message }) => message !== LATE)
      .map(({ operation, message }) => `TikTok, ${operation}: ${message}`),
  ];
};
