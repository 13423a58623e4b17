import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import type { AmazonAccountRow, SharingRule, ShopRow } from '../store/store.ts';
import { type Html, html, nothing } from './html.ts';
import { csrfField } from './parts.ts';

const KINDS: Readonly<Record<SharingRule['kind'], string>> = {
  all: 'Every shop shows all of it',
  shares: 'Each shop shows a share of it',
  priority: 'In turns: the first shop takes what it may, then the next',
};
const Kind = z.object({ kind: z.enum(['all', 'shares', 'priority']) });
const Fields = z.record(z.string(), z.string());
const percent = z.coerce.number().min(0).max(100);
const place = z.coerce.number().int().min(1).max(1_000);
const units = z.coerce.number().int().min(0).max(1_000_000);

export const shopsOf = (account: AmazonAccountRow, shops: readonly ShopRow[]): ShopRow[] =>
  shops.filter(({ amazonAccount }) => amazonAccount === account.accountId);

/** What a shop has in the rule that is in force, as texts for its fields. */
const fieldsOf = (rule: SharingRule, shopId: string) => {
  const index = rule.kind === 'priority' ? rule.shops.findIndex((shop) => shop.shopId === shopId) : -1;
  const cap = rule.kind === 'priority' ? rule.shops[index]?.atMostUnits : null;
  return {
    percent: String(rule.kind === 'shares' ? (rule.percentByShop[shopId] ?? '') : ''),
    place: index < 0 ? '' : String(index + 1),
    cap: String(cap ?? ''),
  };
};

/**
 * How the stock of an account is shared out over its shops; the fields of a shop are named after it. Nothing for an
 * account with a single shop.
 */
export const sharingForm = (
  csrfToken: string,
  account: AmazonAccountRow,
  shops: readonly ShopRow[],
): Html => {
  const mine = shopsOf(account, shops);
  if (mine.length < 2) return nothing;
  const { accountId, sharing } = account;
  const field = (what: 'percent' | 'place' | 'cap', title: string, shopId: string): Html => {
    const id = `${what}-${accountId}-${shopId}`;
    return html`<div class="field"><label for="${id}">${title}</label><input id="${id}" name="${what}.${shopId}" inputmode="numeric" value="${fieldsOf(sharing, shopId)[what]}"></div>`;
  };
  return html`<details id="sharing-${accountId}"><summary>Share the stock of ${account.name ?? accountId}</summary>
    <form method="post" action="/console/amazon-accounts/${encodeURIComponent(accountId)}/sharing">${csrfField(csrfToken)}
    <div class="field"><label for="kind-${accountId}">Rule</label><select id="kind-${accountId}" name="kind">${Object.entries(KINDS).map(([kind, title]) => html`<option value="${kind}" ${kind === sharing.kind ? html`selected` : nothing}>${title}</option>`)}</select></div>
    ${mine.map(({ shopId, name }) => html`<fieldset><legend>${name ?? shopId}</legend><div class="inline">${field('percent', 'Share, percent', shopId)}${field('place', 'Turn', shopId)}${field('cap', 'At most, units', shopId)}</div></fieldset>`)}
    <p class="hint">Shares count for the second rule; turns and most units for the third. The stock is set by it with the next pass.</p>
    <button>Save the rule</button></form></details>`;
};

/** The rule that a form says, for these shops. Throws `AppError` naming the field. */
export const sharingOf = (body: unknown, shopIds: readonly string[]): SharingRule => {
  const { kind } = Kind.parse(body);
  const fields = Fields.parse(body);
  /** Of a shop whose field is empty, nothing. */
  const read = <Value>(what: string, schema: z.ZodType<Value>): Map<string, Value> =>
    new Map(
      shopIds.flatMap((shopId): [string, Value][] => {
        const name = `${what}.${shopId}`;
        const text = (fields[name] ?? '').trim();
        if (text === '') return [];
        const { success, data } = schema.safeParse(text);
        if (!success) throw new AppError('invalid_request', 400, `${name}: ${text} does not fit.`);
        return [[shopId, data]];
      }),
    );
  switch (kind) {
    case 'all':
      return { kind };
    case 'shares':
      return { kind, percentByShop: Object.fromEntries(read('percent', percent)) };
    case 'priority': {
      const caps = read('cap', units);
      const turns = [...read('place', place)].toSorted(([, one], [, other]) => one - other);
      return {
        kind,
        shops: turns.map(([shopId]) => ({ shopId, atMostUnits: caps.get(shopId) ?? null })),
      };
    }
  }
};
