/** What a person reads about an order's stage. `retryHelps`: doing the same again may succeed. */
export type Reason = { title: string; whatHappened: string; whatToDo: string; retryHelps: boolean };

const reason = (title: string, whatHappened: string, whatToDo: string, retryHelps = false): Reason => ({
  title,
  whatHappened,
  whatToDo,
  retryHelps,
});

const NOTHING = 'Nothing: this goes on by itself.';

/** The one catalogue of reasons. Codes are stable: scripts and dashboards depend on them. */
export const REASONS = {
  // Going on by itself
  received: reason('Received', 'A trigger named this order; it has not been read yet.', NOTHING, true),
  unpaid: reason('Not paid', 'The buyer has not paid yet.', NOTHING),
  on_hold: reason(
    'In the remorse hour',
    'TikTok holds the order while the buyer may cancel freely.',
    NOTHING,
  ),
  remorse_hour: reason(
    'In the remorse hour',
    'The shop has no hold of its own, so the order waits out the remorse time from its payment.',
    NOTHING,
  ),
  awaiting_quota: reason(
    'Waits for its turn at Amazon',
    'Amazon takes two new orders a second; of those that wait, the one with the nearest deadline goes first.',
    NOTHING,
  ),
  creating: reason('Being sent to Amazon', 'The fulfillment order is being created.', NOTHING, true),
  create_unclear: reason(
    'Create not confirmed',
    'Amazon gave no clear answer to the create. The next step is a look, never a second create.',
    NOTHING,
    true,
  ),
  at_amazon: reason('At Amazon', 'Amazon has the fulfillment order.', NOTHING),
  not_visible_yet: reason(
    'Accepted, not visible yet',
    'Amazon accepted the order but does not show it yet.',
    NOTHING,
  ),
  shipped: reason('Shipped', 'Every unit is reported to TikTok with its number.', NOTHING),
  shipped_elsewhere: reason(
    'Shipped by hand',
    'All lines were shipped in Seller Center or by another system; nothing was sent to Amazon.',
    NOTHING,
  ),
  completed: reason('Completed', 'TikTok completed the order.', NOTHING),
  cancelled: reason('Cancelled', 'The order was cancelled and nothing of it is live at Amazon.', NOTHING),
  cancelling: reason(
    'Being cancelled at Amazon',
    'The order is to be stopped; Amazon was asked and a read has to prove it.',
    NOTHING,
  ),
  upstream_failing: reason(
    'The other side does not answer',
    'A call to TikTok or Amazon failed; it is repeated with growing pauses.',
    'Look at /health if it lasts.',
    true,
  ),
  credentials_refused: reason(
    'Credentials refused',
    'TikTok or Amazon refuses our credentials, so its side is stopped.',
    'See /health for which side, then renew the credentials. Nothing is lost; work goes on by itself.',
    true,
  ),
  shop_paused: reason(
    'Shop paused',
    'The shop is paused, so nothing new is created at Amazon. Tracking and cancellations go on, and so do deadlines.',
    'End the pause of the shop; its orders then go at once. Ship by hand what cannot wait.',
  ),
  sku_paused: reason(
    'SKU paused',
    'An Amazon SKU of the order is paused, so the order is not created at Amazon.',
    'End the pause of the SKU (DELETE /api/paused-skus); its orders then go at once. Ship by hand what cannot wait.',
  ),
  shadow_would_act: reason(
    'Written down, not done',
    'The service runs with MODE=shadow: what it would do next is recorded and not done.',
    'See GET /api/shadow for the comparison. The other connector ships this order.',
  ),

  // Not ours
  platform_fulfilled: reason(
    'Fulfilled by TikTok',
    'TikTok fulfils this order from its own warehouse.',
    NOTHING,
  ),
  tiktok_shipping: reason(
    'TikTok Shipping',
    'The order ships with a label bought from TikTok; such orders cannot go through MCF.',
    'Ship it as you ship TikTok Shipping orders, or switch the shop to Seller Shipping.',
  ),

  // For a person
  order_missing: reason(
    'Order not found at TikTok',
    'TikTok does not return this order for the shop.',
    'Check that the order belongs to the authorised shop, then retry.',
    true,
  ),
  status_unknown: reason(
    'Unknown order status',
    'TikTok gave the order a status this version does not know.',
    'Look at the order in Seller Center and update the connector.',
    true,
  ),
  shipping_type_unknown: reason(
    'Unknown shipping type',
    'TikTok names a fulfillment or shipping type this version does not know.',
    'Look at the order in Seller Center; ship it by hand if it is urgent.',
    true,
  ),
  buyer_cancel_requested: reason(
    'The buyer asks to cancel',
    'A cancellation request is open, so the order is not sent to Amazon.',
    'Approve or reject the request in Seller Center. TikTok approves it by itself after 48 hours.',
  ),
  collection_point: reason(
    'Collection point',
    'The order goes to a collection point, which MCF does not serve.',
    'Ship it by hand.',
  ),
  restricted_goods: reason(
    'Restricted goods',
    'A line is marked as dangerous goods or as needing a prescription.',
    'Ship it by hand after checking the rules that apply.',
  ),
  address_missing: reason(
    'No address',
    'TikTok returned no recipient address.',
    'Retry; if it stays empty, look at the order in Seller Center.',
    true,
  ),
  address_masked: reason(
    'Address masked',
    'A part of the name or address contains `*`: TikTok hides it.',
    'Retry once TikTok shows it; check that the app may read recipient data.',
    true,
  ),
  address_incomplete: reason(
    'Address incomplete',
    'A part that Amazon needs is missing.',
    'Ask the buyer through TikTok chat and have the address edited there, then retry.',
    true,
  ),
  address_invalid: reason(
    'Address invalid',
    'A part of the address does not fit its country: state, postcode or phone.',
    'Have the address edited at TikTok, then retry.',
    true,
  ),
  address_too_long: reason(
    'Address too long',
    'A part is longer than Amazon takes and does not fit into its free lines. Nothing is cut silently.',
    'Have the address shortened at TikTok, then retry.',
    true,
  ),
  address_unsupported_characters: reason(
    'Characters Amazon cannot print',
    'The name or address has characters that cannot be written in Latin script.',
    'Have the address written in Latin letters at TikTok, then retry.',
    true,
  ),
  address_refused: reason(
    'Amazon refused the address',
    'Amazon names the address as the reason for its refusal.',
    'Check the address in Seller Center, have it edited, then retry.',
    true,
  ),
  destination_unsupported: reason(
    'Destination not served',
    'The country is not the marketplace’s own, so MCF does not ship there.',
    'Ship it by hand.',
  ),
  sku_unmapped: reason(
    'SKU not mapped',
    'A line has no Amazon SKU.',
    'Add it to the SKU map (PUT /api/sku-map), then retry.',
    true,
  ),
  sku_unknown: reason(
    'Amazon does not know the SKU',
    'Amazon refused a SKU of this order.',
    'Check spelling, case and marketplace of the SKU in Seller Central, correct the SKU map, then retry.',
    true,
  ),
  order_too_large: reason(
    'Order too large',
    'Amazon takes at most 100 items and 250 units in one fulfillment order.',
    'Ship it by hand.',
  ),
  mcf_refused: reason(
    'Amazon refused the order',
    'Amazon refused the create for another reason.',
    'Read the detail, correct what it names, then retry.',
    true,
  ),
  mcf_config: reason(
    'Amazon refuses the set-up',
    'Amazon refused a setting: marketplace, feature or role.',
    'Check AMAZON_MARKETPLACE_ID, MCF_* settings and the app’s roles, then retry.',
    true,
  ),
  mcf_mismatch: reason(
    'The id is taken at Amazon',
    'Amazon has a fulfillment order with our id but other contents.',
    'Compare both in Seller Central and decide which one ships.',
  ),
  mcf_lost: reason(
    'Accepted but not found',
    'Amazon accepted the order and still does not show it after ten minutes.',
    'Search the id in Seller Central. If it is not there, retry to create it anew.',
    true,
  ),
  mcf_no_stock: reason(
    'No stock at Amazon',
    'Amazon has no stock to ship this order.',
    'Send stock or ship by hand; then retry, or cancel the order.',
    true,
  ),
  mcf_unfulfillable: reason(
    'Amazon cannot fulfil it',
    'Amazon ended the fulfillment order as unfulfillable.',
    'Check stock of each SKU, then retry, or cancel the order at TikTok.',
    true,
  ),
  mcf_invalid: reason(
    'Amazon found it invalid',
    'Amazon accepted the order and then found it invalid: address or stock.',
    'Check address and stock, then retry.',
    true,
  ),
  mcf_cancelled: reason(
    'Cancelled at Amazon',
    'The fulfillment order was cancelled at Amazon while TikTok still wants it shipped.',
    'Retry to create it anew, or cancel the order at TikTok.',
    true,
  ),
  mcf_partial: reason(
    'Partly shipped',
    'Amazon shipped and reported a part and will not ship the rest.',
    'Ship the rest by hand or cancel the remaining lines at TikTok.',
  ),
  mcf_status_unknown: reason(
    'Unknown Amazon status',
    'Amazon gave the order a status this version does not know.',
    'Look at it in Seller Central; parcels are still reported.',
    true,
  ),
  cancelled_but_shipped: reason(
    'Cancelled but shipped',
    'TikTok cancelled the order after Amazon could no longer stop it.',
    'Recall the parcel with the carrier or expect it back as a return; refund is already under way.',
  ),
  cancel_requested_too_late: reason(
    'Cancellation came too late',
    'The order was to be cancelled, but Amazon is already processing it. Its parcels are reported when they have numbers.',
    'Nothing for a buyer’s request: it is rejected by the report or by us. Expect the parcel back if the buyer refuses it.',
  ),
  lines_cancelled_too_late: reason(
    'Lines cancelled too late',
    'Lines of the order were cancelled or shipped by hand after Amazon could no longer leave them out.',
    'Expect their units back as a return, or recall the parcel; the other lines are reported as usual.',
  ),
  before_live: reason(
    'Older than going live',
    'The order was placed before this service went live, so another connector may have sent it to Amazon already.',
    'Look for it in Seller Central. Retry only if nothing there ships it; else leave it to the other connector.',
    true,
  ),
  amazon_account_missing: reason(
    'No Amazon account ships for the shop',
    'The order is ready, and its shop has no Amazon account that could ship it.',
    'Choose the Amazon account of the shop (PATCH /api/shops), or connect the account again; its orders then go at once.',
  ),
  shop_disconnected: reason(
    'Shop disconnected',
    'The seller withdrew the authorisation, so the shop’s orders can be neither read nor reported.',
    'Connect the shop again: its orders then go on. Until then ship and report by hand, also what Amazon has.',
  ),
  sold_by_other_shop: reason(
    'Sold out by another shop',
    'Amazon has no stock for the order. Other shops sell from the same stock: their orders may have taken the last units.',
    'Send stock and retry, ship by hand, or cancel the order at TikTok. Shares or a priority per shop prevent it.',
    true,
  ),
  held_by_rule: reason(
    'Held by a rule',
    'HOLD_FOR_REVIEW names this kind of order.',
    'Retry to let this one go, or ship it by hand.',
    true,
  ),
  mcf_stuck: reason(
    'Stuck at Amazon',
    'Amazon has not begun to pick the order although its expected ship date has passed.',
    'Retry to cancel it at Amazon and make it anew (MCF_RESUBMIT_STUCK does so by itself), or ask Amazon.',
    true,
  ),
  address_changed_after_create: reason(
    'Address changed after create',
    'The buyer changed the address after Amazon took the order and Amazon cannot change it.',
    'Cancel in Seller Central if still possible, or ask the buyer which address holds.',
  ),
  carrier_unknown: reason(
    'Carrier not known to TikTok',
    'No carrier of the order’s delivery option matches Amazon’s carrier.',
    'Report the number in Seller Center with the right carrier.',
    true,
  ),
  delivery_option_missing: reason(
    'No delivery option',
    'The order names no delivery option, so its carriers cannot be read.',
    'Report the number in Seller Center.',
    true,
  ),
  tracking_rejected: reason(
    'TikTok refused the number',
    'TikTok refused the tracking number or its carrier.',
    'Check number and carrier, report it in Seller Center or retry.',
    true,
  ),
  usps_not_accepted: reason(
    'USPS number',
    'Amazon ships with USPS, whose numbers TikTok does not accept from US sellers unless bought through TikTok, and there is no Amazon number.',
    'Watch for an Amazon number (it is reported by itself), or settle the shipment with TikTok seller support.',
  ),
  reporting_stopped: reason(
    'Reporting stopped for the shop',
    'TikTok refused several numbers of this shop within a day. Five such numbers can cost the shop its MCF warehouse, so none is sent.',
    'Look at the refused orders (reason tracking_rejected), then retry or resolve them; reporting goes on by itself.',
    true,
  ),
  tracking_conflict: reason(
    'Shipped under another number',
    'Lines of a parcel are already shipped at TikTok under a number that is not ours.',
    'Compare both numbers in Seller Center; correct it there if it is wrong.',
  ),
  tracking_changed: reason(
    'Tracking number changed',
    'Amazon replaced a number that was already reported and it cannot be corrected by itself.',
    'Correct the number in Seller Center (once, within 72 hours).',
  ),
  return_needs_action: reason(
    'A return needs a decision',
    'The buyer returns goods that Amazon shipped.',
    'Answer it in Seller Center, or arrange its way back to Amazon or to yourself; then close this by hand.',
  ),
  return_refused: reason(
    'Amazon refused the return',
    'Amazon does not take the approved return as it was asked for.',
    'Create it in Seller Central (Manage MCF orders), or receive the goods yourself; then close this by hand.',
  ),
  channel_refused: reason(
    'TikTok refused the call',
    'TikTok refused a call for this order for a lasting reason.',
    'Read the detail; correct it in Seller Center, then retry.',
    true,
  ),
  answers_malformed: reason(
    'Answers cannot be read',
    'The other side keeps answering in a form that cannot be read.',
    'Look at /health and the log for the operation; it is still tried again.',
    true,
  ),
  resolved: reason('Closed by hand', 'A person closed the order.', NOTHING),
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

export const isReasonCode = (code: string): code is ReasonCode => Object.hasOwn(REASONS, code);

export const REASON_CODES: readonly ReasonCode[] = Object.keys(REASONS).filter(isReasonCode);

/** What an operator reads: the catalogue's words, then what is particular to this order. */
export const reasonMessage = (code: ReasonCode, detail: string | null): string =>
  detail ? `${REASONS[code].whatHappened} ${detail}` : REASONS[code].whatHappened;
