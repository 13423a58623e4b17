import type { Decision } from '../orders/decision.ts';
import { REASONS, reasonMessage } from '../orders/reasons.ts';
import { type Html, html } from './html.ts';
import { badge, notice, time } from './parts.ts';

/** A decision in words: what would be done, or why nothing is. Names SKUs, numbers and ids, no personal data. */
export const decisionView = (decision: Decision): Html => {
  switch (decision.kind) {
    case 'create': {
      const { items, speed, fulfillmentId } = decision.request;
      const what = items.map(({ quantity, amazonSku }) => `${quantity} × ${amazonSku}`).join(', ');
      return html`It would be sent to Amazon as <span class="mono">${fulfillmentId}</span>: ${what}, ${speed}.`;
    }
    case 'cancel':
      return html`Amazon would be asked to stop <span class="mono">${decision.fulfillmentId}</span>: ${decision.why}.`;
    case 'cancelOrder':
      return html`It would be cancelled at TikTok: ${decision.reason}.`;
    case 'approveCancellation':
      return html`The buyer’s cancellation would be approved.`;
    case 'rejectCancellation':
      return html`The buyer’s cancellation would be rejected: ${decision.rejectReason}.`;
    case 'ship':
      return html`The number ${decision.request.trackingNumber} by ${decision.carrier.name} would be reported for ${decision.request.lineIds.length} lines.`;
    case 'correctTracking':
      return html`The number at TikTok would be corrected to ${decision.trackingNumber} by ${decision.carrier.name}.`;
    default:
      return html`Nothing would be done: ${badge(decision.stage, 'quiet')} <strong>${REASONS[decision.reason].title}.</strong> ${reasonMessage(decision.reason, decision.detail)} ${decision.nextAttemptAtMs === null ? html`Only a trigger changes that.` : html`Next look ${time(decision.nextAttemptAtMs, 'relative')}.`}`;
  }
};

/** What came of a dry run, in its place on a page. */
export const dryRunResult = (decision: Decision): Html =>
  notice(html`Read both sides just now; nothing was changed. ${decisionView(decision)}`, 'info');
