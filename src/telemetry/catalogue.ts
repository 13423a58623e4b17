/** Every metric of ours: its kind, its labels, what it says. `docs/metrics.md` is written from this. */
export const METRICS = {
  mcf_build_info: { kind: 'gauge', labels: ['version'], help: 'Always 1; the label names the version.' },
  mcf_store_up: { kind: 'gauge', labels: [], help: '1 while the store can be read and written.' },
  mcf_webhooks_total: {
    kind: 'counter',
    labels: ['outcome'],
    help: 'Webhooks by outcome: accepted, duplicate, signature_refused, unreadable, store_unavailable.',
  },
  mcf_orders: { kind: 'gauge', labels: ['stage'], help: 'Orders by stage.' },
  mcf_oldest_due_order_age_seconds: {
    kind: 'gauge',
    labels: [],
    help: 'How long ago the order that waits longest for its look became due; 0 when none waits.',
  },
  mcf_decisions_total: {
    kind: 'counter',
    labels: ['kind'],
    help: 'Decisions by kind: create, ship, cancel, wait, review, done and the others.',
  },
  mcf_hold_end_to_create_seconds: {
    kind: 'histogram',
    labels: [],
    help: 'From the end of an order’s hold until Amazon accepted it, for its first fulfillment.',
  },
  mcf_ship_to_report_seconds: {
    kind: 'histogram',
    labels: [],
    help: 'From the time Amazon shipped a parcel until it was reported to TikTok; 0 for a number reported before.',
  },
  mcf_upstream_calls_total: {
    kind: 'counter',
    labels: ['upstream', 'operation', 'outcome'],
    help: 'Calls by HTTP outcome: ok, refused (4xx), throttled (429), failed (5xx), no_answer. TikTok says some refusals with 200.',
  },
  mcf_upstream_call_duration_seconds: {
    kind: 'histogram',
    labels: ['upstream', 'operation'],
    help: 'How long calls took, without the wait for quota.',
  },
  mcf_quota_left: {
    kind: 'gauge',
    labels: ['upstream', 'account', 'operation'],
    help: 'Calls that could go out at once; only operations used since the start.',
  },
  mcf_side_state: {
    kind: 'gauge',
    labels: ['side', 'state'],
    help: '1 for the state that a side is in: ok, failing (its breaker is open or near it), stopped (credentials refused).',
  },
  mcf_reconcile_duration_seconds: { kind: 'histogram', labels: ['scope'], help: 'How long passes took.' },
  mcf_reconcile_errors_total: {
    kind: 'counter',
    labels: ['code'],
    help: 'Errors that passes reported, by their code.',
  },
  mcf_reconcile_last_end_timestamp_seconds: {
    kind: 'gauge',
    labels: [],
    help: 'When the last pass ended; 0 before the first one of this process.',
  },
  mcf_outgoing_deliveries_pending: {
    kind: 'gauge',
    labels: [],
    help: 'Outgoing webhooks that are not delivered yet.',
  },
  mcf_daily_report_differences: {
    kind: 'gauge',
    labels: [],
    help: 'Differences between TikTok, our records and Amazon that the last daily report found.',
  },
} as const satisfies Record<
  string,
  { kind: 'counter' | 'gauge' | 'histogram'; labels: readonly string[]; help: string }
>;

export type MetricName = keyof typeof METRICS;
