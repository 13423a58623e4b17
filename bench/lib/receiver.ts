import { createHmac, timingSafeEqual } from 'node:crypto';
import { fastify } from 'fastify';
import { z } from 'zod';

export type Receiver = {
  /** Resolves when the notification is kept as durably as this server keeps anything. */
  keep: (key: string, body: string) => Promise<unknown>;
  /** The keys of all that is kept; absent where the bench reads them from a file. */
  kept?: () => Promise<readonly string[]>;
};

const Settings = z.object({ PORT: z.coerce.number(), APP_KEY: z.string(), APP_SECRET: z.string() });

const Envelope = z.object({
  type: z.number(),
  tts_notification_id: z.string(),
  shop_id: z.string(),
  timestamp: z.number(),
  data: z.object({ order_id: z.string(), update_time: z.number() }),
});

const signatureCheck =
  ({ APP_KEY, APP_SECRET }: z.output<typeof Settings>) =>
  (raw: Buffer, signature: string | undefined): boolean => {
    const expected = createHmac('sha256', APP_SECRET).update(APP_KEY).update(raw).digest('hex');
    return (
      signature?.length === expected.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
    );
  };

/**
 * What the floor and every peer that stores have in common: Fastify, the HMAC, zod, and an answer once the
 * notification is kept. Listens on `PORT`; ends at SIGTERM.
 */
export const startReceiver = async ({ keep, kept }: Receiver): Promise<void> => {
  const settings = Settings.parse(process.env);
  const isGenuine = signatureCheck(settings);
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.get('/health', () => ({ status: 'ok' }));
  if (kept) app.get('/kept', () => kept());
  app.post('/webhooks/tiktok', async (request, reply) => {
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (!isGenuine(raw, request.headers.authorization)) return reply.code(401).send();
    const text = raw.toString('utf8');
    const parsed = Envelope.safeParse(JSON.parse(text));
    if (!parsed.success) return reply.code(400).send();
    await keep(`${parsed.data.shop_id}/${parsed.data.tts_notification_id}`, text);
    return reply.code(200).send();
  });
  // A clean exit, so that the compile cache is written.
  process.once('SIGTERM', () => process.exit(0));
  await app.listen({ port: settings.PORT, host: '127.0.0.1' });
};
