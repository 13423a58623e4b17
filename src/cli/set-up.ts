import { readFile, writeFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { z } from 'zod';
import { type Output, print, table } from './output.ts';
import { CliError, type ServiceClient } from './service.ts';

const SkuMap = z.object({ entries: z.array(z.unknown()) });

const readInput = async (file: string): Promise<string> => {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch {
    throw new CliError(`${file} cannot be read.`);
  }
};

/** Replaces the whole map; a bad row changes nothing. `file`: `-` is standard input. */
export const importSkuMap = async (service: ServiceClient, file: string, output: Output): Promise<number> => {
  const csv = await readInput(file);
  const map = await service.json(SkuMap, { method: 'PUT', path: '/api/sku-map', csv });
  print(output, map, () => `${map.entries.length} entries are in force now.`);
  return 0;
};

export const exportSkuMap = async (
  service: ServiceClient,
  file: string | undefined,
  output: Output,
): Promise<number> => {
  const request = { method: 'GET', path: '/api/sku-map' } as const;
  const accept = output.isJson ? 'application/json' : 'text/csv';
  const text = await service.text({ ...request, accept });
  if (file === undefined) output.write(text.endsWith('\n') ? text : `${text}\n`);
  else
    await writeFile(file, text, { flag: 'wx' }).catch(() => {
      throw new CliError(`${file} cannot be written, or exists already.`);
    });
  return 0;
};

const SkuReport = z.object({
  rows: z.array(
    z.looseObject({
      shopId: z.string(),
      sellerSku: z.string(),
      status: z.string(),
      components: z.array(z.object({ amazonSku: z.string(), quantity: z.number() })).nullable(),
      suggestions: z.array(z.string()),
    }),
  ),
  summary: z.record(z.string(), z.number()),
});

/** 1: a listing has no SKU at Amazon. */
export const reportSkuMap = async (service: ServiceClient, output: Output): Promise<number> => {
  const path = '/api/sku-map/report';
  const report = await service.json(SkuReport, { method: 'GET', path, timeoutMs: 10 * 60_000 });
  const rows = report.rows.map(({ shopId, sellerSku, status, components, suggestions }) => [
    shopId,
    sellerSku,
    status,
    components?.map(({ amazonSku, quantity }) => `${quantity} x ${amazonSku}`).join(' + ') ??
      (suggestions.length > 0 ? `perhaps ${suggestions.join(' or ')}` : ''),
  ]);
  print(output, report, () => table([['shop', 'seller SKU', 'status', 'Amazon'], ...rows]));
  const isOpen = (status: string): boolean => ['unmapped', 'unknown_at_amazon', 'ambiguous'].includes(status);
  return report.rows.some(({ status }) => isOpen(status)) ? 1 : 0;
};

const Shop = z.looseObject({
  shopId: z.string(),
  stoppedAt: z.string().nullable(),
  webhooks: z
    .looseObject({
      registered: z.array(z.string()),
      missing: z.array(z.string()),
      elsewhere: z.array(z.object({ topic: z.string(), address: z.string() })),
      problem: z.string().nullable(),
    })
    .nullable(),
});
type Shop = z.output<typeof Shop>;

const webhookWords = ({ shopId, webhooks }: Shop): string[] => [
  shopId,
  `${webhooks?.registered.length ?? 0} registered, ${webhooks?.missing.length ?? 0} missing, ${webhooks?.elsewhere.length ?? 0} elsewhere`,
  webhooks?.problem ?? '',
];

/** 1: a topic does not come here. */
export const registerWebhooks = async (
  service: ServiceClient,
  { shop, takeOver }: { shop?: string | undefined; takeOver: boolean },
  output: Output,
): Promise<number> => {
  const { shops } = await service.json(z.object({ shops: z.array(Shop) }), {
    method: 'GET',
    path: '/api/shops',
  });
  const wanted = shops.filter(({ shopId, stoppedAt }) => stoppedAt === null && (shop ?? shopId) === shopId);
  if (wanted.length === 0)
    throw new CliError(shop === undefined ? 'No shop is connected.' : `There is no shop ${shop} in service.`);
  const done: Shop[] = [];
  for (const { shopId } of wanted) {
    const path = `/api/shops/${encodeURIComponent(shopId)}/webhooks`;
    done.push(await service.json(Shop, { method: 'POST', path, json: { takeOver } }));
  }
  print(output, { shops: done }, () => table(done.map(webhookWords)));
  const isWhole = ({ webhooks }: Shop): boolean =>
    webhooks !== null && webhooks.missing.length === 0 && webhooks.elsewhere.length === 0;
  return done.every(isWhole) ? 0 : 1;
};

const User = z.looseObject({ id: z.string(), name: z.string(), role: z.string() });

/** A password is never an argument: others on the machine could read it there. */
export const addUser = async (
  service: ServiceClient,
  {
    name,
    role,
    shopIds,
    hasPassword,
  }: { name: string; role: string; shopIds: string[]; hasPassword: boolean },
  output: Output,
): Promise<number> => {
  const password = hasPassword ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : null;
  const json = { name, role, shopIds: shopIds.length > 0 ? shopIds : null, password };
  const user = await service.json(User, { method: 'POST', path: '/api/users', json });
  print(output, user, () => `${user.name} is a user now (${user.role}, ${user.id}).`);
  return 0;
};
