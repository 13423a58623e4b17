/**
 * The floor: the least that can acknowledge a webhook durably. One Fastify process checks the HMAC, parses with zod
 * and commits one row with synchronous=FULL; requests of one turn of the event loop share the commit.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { fastify } from 'fastify';
import { z } from 'zod';

const settings = z
  .object({
    PORT: z.coerce.number(),
    DATABASE: z.string(),
    APP_KEY: z.string(),
    APP_SECRET: z.string(),
  })
  .parse(process.env);

const envelope = z.object({
  type: z.number(),
  tts_notification_id: z.string(),
  shop_id: z.string(),
  timestamp: z.number(),
  data: z.object({ order_id: z.string(), update_time: z.number() }),
});

const database = new DatabaseSync(settings.DATABASE);
database.exec(`
  pragma journal_mode = wal;
  pragma synchronous = full;
  create table if not exists notifications (id integer primary key, key text not null, body text not null) strict;
`);
const insert = database.prepare('insert into notifications (key, body) values (?, ?)');
const begin = database.prepare('begin immediate');
const commit = database.prepare('commit');

type Waiting = { key: string; body: string; resolve: () => void; reject: (error: unknown) => void };
let group: Waiting[] = [];

const flush = (): void => {
  const waiting = group;
  group = [];
  try {
    begin.run();
    for (const { key, body } of waiting) insert.run(key, body);
    commit.run();
  } catch (error) {
    if (database.isTransaction) database.exec('rollback');
    for (const { reject } of waiting) reject(error);
    return;
  }
  for (const { resolve } of waiting) resolve();
};

const store = (key: string, body: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (group.length === 0) setImmediate(flush);
    group.push({ key, body, resolve, reject });
  });

const isGenuine = (raw: Buffer, signature: string | undefined): boolean => {
  const expected = createHmac('sha256', settings.APP_SECRET)
    .update(settings.APP_KEY)
    .update(raw)
    .digest('hex');
  return (
    signature?.length === expected.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
  );
};

const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.get('/health', () => ({ status: 'ok' }));
app.post('/webhooks/tiktok', async (request, reply) => {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isGenuine(raw, request.headers.authorization)) return reply.code(401).send();
  const text = raw.toString('utf8');
  const parsed = envelope.safeParse(JSON.parse(text));
  if (!parsed.success) return reply.code(400).send();
  await store(`${parsed.data.shop_id}/${parsed.data.tts_notification_id}`, text);
  return reply.code(200).send();
});

// A clean exit, so that the compile cache is written.
process.once('SIGTERM', () => process.exit(0));
await app.listen({ port: settings.PORT, host: '127.0.0.1' });
