import { z } from 'zod';
import {
  baseUrl,
  docs,
  flag,
  HOLDABLE_KINDS,
  httpUrl,
  keptDays,
  key32,
  kindList,
  list,
  mailAddress,
  mailAddresses,
  optionalText,
  smtpUrl,
  speedTable,
  text,
  trustedProxies,
  type VariableDoc,
  variable,
  wholeNumber,
} from './kinds.ts';

const AMAZON_HOSTS = 'by AMAZON_REGION';

/** Every variable the service reads. `.env.example` and the README's table are generated from this. */
export const ENVIRONMENT = z.object({
  PORT: variable({
    group: 'Service',
    schema: wholeNumber(0, 65_535).default(3000),
    defaultText: '3000',
    description: 'Port the service listens on; 0 takes a free one.',
  }),
  HOST: variable({
    group: 'Service',
    schema: text.default('0.0.0.0'),
    defaultText: '0.0.0.0',
    description: 'Address the service listens on.',
  }),
  LOG_LEVEL: variable({
    group: 'Service',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    defaultText: 'info',
    description: 'trace, debug, info, warn, error, fatal or silent.',
  }),
  TRUST_PROXY: variable({
    group: 'Service',
    schema: trustedProxies.default(false),
    defaultText: 'false',
    description:
      'Proxies whose `X-Forwarded-For` names the client that limits count: a comma list of addresses and networks, or how many there are where nothing else can reach the port.',
  }),
  DATABASE_URL: variable({
    group: 'Service',
    schema: text
      .refine((value) => /^file:.+/.test(value), 'must be file:PATH (this version keeps its data in SQLite)')
      .default('file:./data/mcf-connector.db'),
    defaultText: 'file:./data/mcf-connector.db',
    description: 'SQLite file. Everything the service writes lies beside it.',
  }),
  ADMIN_TOKEN: variable({
    group: 'Service',
    schema: text.min(16, 'must have at least 16 characters'),
    defaultText: 'required',
    description: 'Bearer token of operators and cron, at least 16 characters.',
    secret: true,
  }),
  ENCRYPTION_KEY: variable({
    group: 'Service',
    schema: key32.optional(),
    defaultText: 'a key file beside the database',
    description: '32 bytes in base64; seals tokens at rest.',
    secret: true,
  }),
  TIKTOK_APP_KEY: variable({
    group: 'TikTok Shop',
    schema: text,
    defaultText: 'required',
    description: 'App key from TikTok Shop Partner Center.',
  }),
  TIKTOK_APP_SECRET: variable({
    group: 'TikTok Shop',
    schema: list.refine((parts) => parts.length > 0, 'must hold at least one secret'),
    defaultText: 'required',
    description: 'App secret. A comma list serves rotation: the first signs, any verifies webhooks.',
    secret: true,
  }),
  TIKTOK_SHOP_ID: variable({
    group: 'TikTok Shop',
    schema: optionalText,
    defaultText: 'every shop of the token',
    description: 'The shop to serve.',
  }),
  TIKTOK_SHOP_CIPHER: variable({
    group: 'TikTok Shop',
    schema: optionalText,
    defaultText: 'looked up',
    description: 'Cipher of that shop.',
    secret: true,
  }),
  TIKTOK_ACCESS_TOKEN: variable({
    group: 'TikTok Shop',
    schema: optionalText,
    defaultText: 'none',
    description: 'Access token of the seller; renewed by the service.',
    secret: true,
  }),
  TIKTOK_REFRESH_TOKEN: variable({
    group: 'TikTok Shop',
    schema: optionalText,
    defaultText: 'none',
    description: 'Refresh token of the seller.',
    secret: true,
  }),
  TIKTOK_API_URL: variable({
    group: 'TikTok Shop',
    schema: baseUrl.default('https://open-api.tiktokglobalshop.com'),
    defaultText: 'https://open-api.tiktokglobalshop.com',
    description: 'Base of the Open API.',
  }),
  TIKTOK_AUTH_URL: variable({
    group: 'TikTok Shop',
    schema: baseUrl.default('https://auth.tiktok-shops.com'),
    defaultText: 'https://auth.tiktok-shops.com',
    description: 'Base of the token host.',
  }),
  AMAZON_LWA_CLIENT_ID: variable({
    group: 'Amazon',
    schema: text,
    defaultText: 'required',
    description: 'Client id of the SP-API app.',
  }),
  AMAZON_LWA_CLIENT_SECRET: variable({
    group: 'Amazon',
    schema: text,
    defaultText: 'required',
    description: 'Client secret of the SP-API app; Amazon wants it rotated every 180 days.',
    secret: true,
  }),
  AMAZON_LWA_REFRESH_TOKEN: variable({
    group: 'Amazon',
    schema: text,
    defaultText: 'required',
    description: 'Refresh token of the seller (`Atzr|…`).',
    secret: true,
  }),
  AMAZON_REGION: variable({
    group: 'Amazon',
    schema: z.enum(['na', 'eu', 'fe']).default('na'),
    defaultText: 'na',
    description: 'na, eu or fe: SP-API host and SigV4 region.',
  }),
  AMAZON_MARKETPLACE_ID: variable({
    group: 'Amazon',
    schema: text.default('ATVPDKIKX0DER'),
    defaultText: 'ATVPDKIKX0DER',
    description: 'Marketplace whose stock ships the orders (default: US).',
  }),
  AMAZON_SP_API_URL: variable({
    group: 'Amazon',
    schema: baseUrl.optional(),
    defaultText: AMAZON_HOSTS,
    description: 'Base of the SP-API.',
  }),
  AMAZON_LWA_URL: variable({
    group: 'Amazon',
    schema: baseUrl.default('https://api.amazon.com'),
    defaultText: 'https://api.amazon.com',
    description: 'Base of Login with Amazon; takes `/auth/o2/token` after it.',
  }),
  AMAZON_OUTBOUND_API: variable({
    group: 'Amazon',
    schema: z
      .enum(['2020-07-01'], { message: 'must be 2020-07-01 (2026-07-04 is not built yet)' })
      .default('2020-07-01'),
    defaultText: '2020-07-01',
    description: 'Version of the Fulfillment Outbound API.',
  }),
  AWS_ACCESS_KEY_ID: variable({
    group: 'Amazon',
    schema: optionalText,
    defaultText: 'unsigned',
    description: 'When set with its secret, SP-API calls are also signed with SigV4.',
    secret: true,
  }),
  AWS_SECRET_ACCESS_KEY: variable({
    group: 'Amazon',
    schema: optionalText,
    defaultText: 'unsigned',
    description: 'Secret of that key.',
    secret: true,
  }),
  AWS_SESSION_TOKEN: variable({
    group: 'Amazon',
    schema: optionalText,
    defaultText: 'none',
    description: 'Session token of temporary AWS credentials.',
    secret: true,
  }),
  WEBHOOK_BUDGET_MS: variable({
    group: 'Behaviour',
    schema: wholeNumber(0, 2900).default(1500),
    defaultText: '1500',
    description: 'How long a webhook may wait for its order to be routed before it is acknowledged (ms).',
  }),
  RECONCILE_INTERVAL_SECONDS: variable({
    group: 'Behaviour',
    schema: wholeNumber(0, 86_400).default(300),
    defaultText: '300',
    description: 'Time between passes; 0 leaves them to `POST /reconcile`.',
  }),
  REMORSE_HOLD_SECONDS: variable({
    group: 'Behaviour',
    schema: wholeNumber(0, 604_800).default(3600),
    defaultText: '3600',
    description: 'Waiting time from payment where TikTok shows no hold.',
  }),
  RETRY_BASE_SECONDS: variable({
    group: 'Behaviour',
    schema: z.coerce.number().min(0.01, 'must be at least 0.01').max(3600).default(5),
    defaultText: '5',
    description: 'First pause of the full-jitter exponential back-off.',
  }),
  RETRY_MAX_SECONDS: variable({
    group: 'Behaviour',
    schema: z.coerce.number().min(0.01, 'must be at least 0.01').max(86_400).default(900),
    defaultText: '900',
    description: 'Longest pause of the back-off.',
  }),
  INVENTORY_BUFFER_UNITS: variable({
    group: 'Behaviour',
    schema: wholeNumber(0, 1_000_000).default(0),
    defaultText: '0',
    description: 'Units of each Amazon SKU that are never offered.',
  }),
  INVENTORY_BUFFER_PERCENT: variable({
    group: 'Behaviour',
    schema: z.coerce.number().min(0).max(100).default(0),
    defaultText: '0',
    description:
      'Share of the fulfillable units that is never offered; the larger of the two buffers counts.',
  }),
  SKU_MAP_FILE: variable({
    group: 'Behaviour',
    schema: optionalText,
    defaultText: 'none',
    description: 'CSV `shop_id,channel_sku,amazon_sku,quantity`, read at every start.',
  }),
  SKU_MAP_DEFAULT: variable({
    group: 'Behaviour',
    schema: z.enum(['identity', 'none']).default('identity'),
    defaultText: 'identity',
    description: 'identity: an unmapped seller SKU is the Amazon SKU. none: it needs review.',
  }),
  MCF_SHIPPING_SPEED: variable({
    group: 'Behaviour',
    schema: z.enum(['Standard', 'Expedited', 'Priority', 'auto']).default('Standard'),
    defaultText: 'Standard',
    description:
      'Standard, Expedited or Priority (US: the first two); auto asks Amazon for the cheapest that is in time.',
  }),
  MCF_SPEED_BY_DELIVERY_OPTION: variable({
    group: 'Behaviour',
    schema: speedTable.default(new Map()),
    defaultText: 'none',
    description: 'Speed by TikTok’s delivery option, such as `Express Shipping=Expedited`; a comma list.',
  }),
  MCF_RESUBMIT_STUCK: variable({
    group: 'Behaviour',
    schema: flag.default(false),
    defaultText: 'false',
    description: 'Cancel at Amazon and make anew what sits in planning past its expected ship date.',
  }),
  HOLD_FOR_REVIEW: variable({
    group: 'Behaviour',
    schema: kindList.default(['made_to_order']),
    defaultText: 'made_to_order',
    description: `Kinds of orders that a person releases by a retry; a comma list of ${HOLDABLE_KINDS.join(', ')}, or \`none\`.`,
  }),
  MCF_FULFILLMENT_POLICY: variable({
    group: 'Behaviour',
    schema: z.enum(['FillOrKill', 'FillAll', 'FillAllAvailable']).default('FillOrKill'),
    defaultText: 'FillOrKill',
    description: 'FillOrKill, FillAll or FillAllAvailable.',
  }),
  MCF_BLOCK_AMZL: variable({
    group: 'Behaviour',
    schema: flag.default(false),
    defaultText: 'false',
    description: 'Forbid Amazon Logistics (surcharge, slower).',
  }),
  MCF_UNBRANDED: variable({
    group: 'Behaviour',
    schema: flag.default(false),
    defaultText: 'false',
    description: 'Require unbranded packaging (BLANK_BOX).',
  }),
  CANCELLATION_POLICY: variable({
    group: 'Behaviour',
    schema: z.enum(['auto', 'manual']).default('auto'),
    defaultText: 'auto',
    description:
      'auto answers buyer requests as soon as Amazon’s side is proven; manual leaves them in review.',
  }),
  RETURNS_TO_AMAZON: variable({
    group: 'Behaviour',
    schema: z.enum(['review', 'create']).default('review'),
    defaultText: 'review',
    description:
      'What an approved return of goods that Amazon shipped leads to. review: a person decides. create: an Amazon return.',
  }),
  RETENTION_NOTIFICATIONS_DAYS: variable({
    group: 'Behaviour',
    schema: keptDays(7).default(30),
    defaultText: '30',
    description: 'How long webhook deliveries are kept, at least 7 days; 0 keeps them for ever.',
  }),
  RETENTION_ORDERS_DAYS: variable({
    group: 'Behaviour',
    schema: keptDays(90).default(400),
    defaultText: '400',
    description:
      'How long orders that are over are kept after their last change, at least 90 days; 0 keeps them for ever.',
  }),
  ALERT_WEBHOOK_URL: variable({
    group: 'Alerts',
    schema: httpUrl.optional(),
    defaultText: 'none',
    description: 'Receives alerts as JSON with a Slack-compatible `text`.',
    secret: true,
  }),
  ALERT_SMTP_URL: variable({
    group: 'Alerts',
    schema: smtpUrl.optional(),
    defaultText: 'none',
    description: 'Mail server for alerts, `smtps://user:password@host` or `smtp://…`; needs the next two.',
    secret: true,
  }),
  ALERT_MAIL_FROM: variable({
    group: 'Alerts',
    schema: mailAddress.optional(),
    defaultText: 'none',
    description: 'Sender of alert mails.',
  }),
  ALERT_MAIL_TO: variable({
    group: 'Alerts',
    schema: mailAddresses.optional(),
    defaultText: 'none',
    description: 'Recipients of alert mails, a comma list.',
  }),
});

export type Config = z.output<typeof ENVIRONMENT>;
export type VariableName = keyof Config;

/** Every variable with what is said of it, in the order of the documentation. */
export const variableDocs = (): [string, VariableDoc][] =>
  Object.entries(ENVIRONMENT.shape).map(([name, schema]) => {
    const doc = docs.get(schema);
    if (!doc) throw new Error(`${name} is not documented`);
    return [name, doc];
  });
