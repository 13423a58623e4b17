export const WEBHOOK_OUTCOMES = [
  'accepted',
  'duplicate',
  'signature_refused',
  'unreadable',
  'store_unavailable',
] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** Plain numbers: every webhook adds to them. */
export type WebhookCounts = Record<WebhookOutcome, number>;

export const noWebhooks = (): WebhookCounts => ({
  accepted: 0,
  duplicate: 0,
  signature_refused: 0,
  unreadable: 0,
  store_unavailable: 0,
});
