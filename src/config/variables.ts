import { z } from 'zod';
import {
  baseUrl,
  docs,
  flag,
  HOLDABLE_KINDS,
  httpUrl,
  instant,
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
  PUBLIC_URL: variable({
    group: 'Service',
    schema: baseUrl.optional(),
    defaultText: 'none',
    description:
      'Where this service is reached from outside, such as `https://mcf.example.com`. Shops and Amazon accounts are connected, and webhooks registered, only where it is set.',
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
  TIKTOK_AUTHORIZE_URL: variable({
    group: 'TikTok Shop',
    schema: httpUrl.optional(),
    defaultText: 'none',
    description:
      'The whole authorise link from Partner Center, with its `service_id`; needed to connect shops by a click.',
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
    schema: optionalText,
    defaultText: 'none',
    description: 'Refresh token of the seller (`Atzr|…`); none where Amazon accounts are connected here.',
    secret: true,
  }),
  AMAZON_APPLICATION_ID: variable({
    group: 'Amazon',
    schema: optionalText,
    defaultText: 'none',
    description:
      'Id of the app in Developer Central (`amzn1.sp.solution.…`); needed to connect Amazon accounts by a click.',
  }),
  AMAZON_AUTHORIZE_URL: variable({
    group: 'Amazon',
    schema: baseUrl.optional(),
    defaultText: 'by marketplace',
    description: 'Base of the Seller Central that asks for consent.',
  }),
  AMAZON_APP_IS_DRAFT: variable({
    group: 'Amazon',
    schema: flag.default(false),
    defaultText: 'false',
    description: 'The app is not published yet: consent is asked for with `version=beta`.',
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
  MODE: variable({
    group: 'Behaviour',
    schema: z.enum(['live', 'shadow'], { message: 'must be live or shadow' }).default('live'),
    defaultText: 'live',
    description:
      'shadow: nothing is placed, reported or pushed; what would be done is recorded and compared (`GET /api/shadow`).',
  }),
  LIVE_FROM: variable({
    group: 'Behaviour',
    schema: instant.optional(),
    defaultText: 'set when MODE leaves shadow',
    description:
      'Orders placed at TikTok before this time (ISO 8601 with zone) wait for a person: another connector may have sent them.',
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
  OUTGOING_ALLOW_PRIVATE: variable({
    group: 'Behaviour',
    schema: flag.default(false),
    defaultText: 'false',
    description:
      'Lets outgoing webhooks go to addresses of the own network, and by plain `http`. Without it only to public ones by `https`.',
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
  RETENTION_AUDIT_DAYS: variable({
    group: 'Behaviour',
    schema: keptDays(400).default(400),
    defaultText: '400',
    description: 'How long the audit log is kept, at least 400 days; 0 keeps it for ever.',
  }),
  METRICS_TOKEN: variable({
    group: 'Observability',
    schema: text.min(16, 'must have at least 16 characters').optional(),
    defaultText: 'none: `/metrics` is open',
    description: 'Bearer token that `GET /metrics` asks for, at least 16 characters.',
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable({
    group: 'Observability',
    schema: baseUrl.optional(),
    defaultText: 'none: no traces',
    description: 'OTLP/HTTP collector that gets a trace of every order, such as `http://collector:4318`.',
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
  OIDC_ISSUER: variable({
    group: 'People',
    schema: httpUrl.optional(),
    defaultText: 'none',
    description:
      'Identity provider for single sign-on (OpenID Connect); needs the next two and `PUBLIC_URL`. Register `PUBLIC_URL/session/oidc/callback` there.',
  }),
  OIDC_CLIENT_ID: variable({
    group: 'People',
    schema: optionalText,
    defaultText: 'none',
    description: 'Id of this service at the identity provider.',
  }),
  OIDC_CLIENT_SECRET: variable({
    group: 'People',
    schema: optionalText,
    defaultText: 'none',
    description: 'Its secret there.',
    secret: true,
  }),
  OIDC_DEFAULT_ROLE: variable({
    group: 'People',
    schema: z.enum(['viewer', 'operator']).optional(),
    defaultText: 'none',
    description:
      'viewer or operator: makes a user, for all shops, of everybody whom the identity provider proves. none: an admin adds users first.',
  }),
  OIDC_ROLE_CLAIM: variable({
    group: 'People',
    schema: optionalText,
    defaultText: 'none',
    description:
      'Claim of the ID token that names the role, or a list with one in it: viewer, operator or admin. none: roles are given here.',
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
