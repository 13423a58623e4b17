/** What a sample request is about. */
export type Subject = { shopId: string; orderId: string; sku: string };
export type Sample = { url: string; payload?: unknown };

const NOBODY = '00000000-0000-4000-8000-000000000000';

/**
 * One good request for every operation of the document, by its id. The matrix sends it with every role, about a shop that
 * one sees, one that one does not, and one that does not exist.
 */
export const SAMPLES: Readonly<Record<string, (subject: Subject) => Sample>> = {
  getHealth: () => ({ url: '/health' }),
  getLive: () => ({ url: '/health/live' }),
  getReady: () => ({ url: '/health/ready' }),
  getOpenApi: () => ({ url: '/openapi.json' }),
  listProblems: () => ({ url: '/problems' }),
  getProblem: () => ({ url: '/problems/order_unknown' }),
  receiveTikTokWebhook: ({ shopId }) => ({
    url: '/webhooks/tiktok',
    payload: { type: 1, shop_id: shopId, timestamp: 1, data: {} },
  }),
  reconcile: () => ({ url: '/reconcile?only=tracking' }),
  reconcileByPOST: () => ({ url: '/reconcile?only=tracking' }),

  listOrders: ({ shopId }) => ({ url: `/api/orders?limit=3&shopId=${shopId}` }),
  countStages: () => ({ url: '/api/stages' }),
  getOrder: ({ orderId }) => ({ url: `/api/orders/${orderId}` }),
  retryOrder: ({ orderId, sku }) => ({
    url: `/api/orders/${orderId}/retry`,
    payload: { sku: { channelSku: sku, amazonSku: 'AMZ', quantity: 2 } },
  }),
  retryOrders: () => ({ url: '/api/orders/retry', payload: { reason: 'address_missing' } }),
  cancelOrder: ({ orderId }) => ({ url: `/api/orders/${orderId}/cancel`, payload: { keepOrder: true } }),
  resolveOrder: ({ orderId }) => ({ url: `/api/orders/${orderId}/resolve`, payload: { note: 'by phone' } }),

  dryRunOrder: ({ orderId }) => ({ url: `/api/orders/${orderId}/dry-run` }),

  getSkuMap: () => ({ url: '/api/sku-map' }),
  putSkuMap: ({ shopId, sku }) => ({
    url: '/api/sku-map',
    payload: {
      entries: [{ shopId, channelSku: sku, components: [{ amazonSku: sku, quantity: 1 }] }],
    },
  }),
  reportSkuMap: () => ({ url: '/api/sku-map/report' }),
  listInventory: () => ({ url: '/api/inventory' }),
  listPausedSkus: () => ({ url: '/api/paused-skus' }),
  pauseSku: ({ shopId, sku }) => ({ url: '/api/paused-skus', payload: { shopId, amazonSku: sku } }),
  unpauseSku: ({ shopId, sku }) => ({ url: `/api/paused-skus?shopId=${shopId}&amazonSku=${sku}` }),
  compareShadow: () => ({ url: '/api/shadow' }),

  signIn: () => ({ url: '/api/session', payload: { name: 'nobody', password: 'not a password of anybody' } }),
  getSession: () => ({ url: '/api/session' }),
  signOut: () => ({ url: '/api/session' }),
  changeOwnPassword: () => ({
    url: '/api/session/password',
    payload: { current: 'not the password', next: 'another password of some length' },
  }),
  listOwnTokens: () => ({ url: '/api/session/tokens' }),
  addOwnToken: () => ({ url: '/api/session/tokens', payload: { name: 'a script', expiresAt: null } }),
  revokeOwnToken: () => ({ url: `/api/session/tokens/${NOBODY}` }),
  listUsers: () => ({ url: '/api/users' }),
  addUser: () => ({ url: '/api/users', payload: { name: 'somebody new', role: 'viewer' } }),
  getUser: () => ({ url: `/api/users/${NOBODY}` }),
  changeUser: () => ({ url: `/api/users/${NOBODY}`, payload: { role: 'viewer' } }),
  removeUser: () => ({ url: `/api/users/${NOBODY}` }),
  endSessionsOfUser: () => ({ url: `/api/users/${NOBODY}/sessions` }),
  listTokens: () => ({ url: `/api/users/${NOBODY}/tokens` }),
  addToken: () => ({ url: `/api/users/${NOBODY}/tokens`, payload: { name: 'x', expiresAt: null } }),
  revokeToken: () => ({ url: `/api/users/${NOBODY}/tokens/${NOBODY}` }),
  listAudit: () => ({ url: '/api/audit' }),
  beginSingleSignOn: () => ({ url: '/api/session/single-sign-on' }),
  finishSingleSignOn: () => ({ url: '/api/session/single-sign-on/callback?code=x&state=y' }),

  runDoctor: () => ({ url: '/api/doctor' }),
  getMetrics: () => ({ url: '/metrics' }),
  getDailyReport: () => ({ url: '/api/reports/daily' }),
  listShops: () => ({ url: '/api/shops' }),
  getShop: ({ shopId }) => ({ url: `/api/shops/${shopId}` }),
  changeShop: ({ shopId }) => ({ url: `/api/shops/${shopId}`, payload: { paused: false } }),
  registerWebhooks: ({ shopId }) => ({ url: `/api/shops/${shopId}/webhooks`, payload: {} }),
  disconnectShop: () => ({ url: '/api/shops/no-such-shop' }),
  connectTikTokShop: () => ({ url: '/connect/tiktok-shop' }),
  connectAmazon: () => ({ url: '/connect/amazon?region=na&marketplaceId=ATVPDKIKX0DER' }),
  listAmazonAccounts: () => ({ url: '/api/amazon-accounts' }),
  getAmazonAccount: () => ({ url: '/api/amazon-accounts/amazon' }),
  addAmazonAccount: () => ({
    url: '/api/amazon-accounts',
    payload: { name: 'x', region: 'na', marketplaceId: 'ATVPDKIKX0DER', refreshToken: 'Atzr|another' },
  }),
  changeAmazonAccount: () => ({ url: '/api/amazon-accounts/amazon', payload: { sharing: { kind: 'all' } } }),
  removeAmazonAccount: () => ({ url: '/api/amazon-accounts/no-such-account' }),
  listOutgoingWebhooks: () => ({ url: '/api/outgoing-webhooks' }),
  getOutgoingWebhook: () => ({ url: `/api/outgoing-webhooks/${NOBODY}` }),
  addOutgoingWebhook: () => ({
    url: '/api/outgoing-webhooks',
    payload: { url: 'https://hooks.example.com/x', events: ['order.shipped'] },
  }),
  changeOutgoingWebhook: () => ({ url: `/api/outgoing-webhooks/${NOBODY}`, payload: { description: 'x' } }),
  removeOutgoingWebhook: () => ({ url: `/api/outgoing-webhooks/${NOBODY}` }),
  rotateOutgoingWebhookSecret: () => ({ url: `/api/outgoing-webhooks/${NOBODY}/rotate-secret` }),
  testOutgoingWebhook: () => ({ url: `/api/outgoing-webhooks/${NOBODY}/test` }),
  listOutgoingDeliveries: () => ({ url: '/api/outgoing-webhooks/deliveries' }),
  replayOutgoingDelivery: () => ({ url: `/api/outgoing-webhooks/deliveries/${NOBODY}/replay` }),
};
