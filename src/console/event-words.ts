import { isReasonCode, REASONS } from '../orders/reasons.ts';
import type { Tone } from './parts.ts';

type Words = { words: string; tone: Tone };

const EVENTS: Readonly<Record<string, Words>> = {
  received: { words: 'Received', tone: 'quiet' },
  noted: { words: 'Noted', tone: 'quiet' },
  create_sent: { words: 'Sent to Amazon', tone: 'quiet' },
  created: { words: 'Amazon accepted it', tone: 'good' },
  create_refused: { words: 'Amazon refused it', tone: 'bad' },
  create_found_existing: { words: 'Amazon had it already', tone: 'quiet' },
  adopted: { words: 'Found at Amazon and taken over', tone: 'quiet' },
  preview_failed: { words: 'Amazon gave no estimate', tone: 'warn' },
  cancel_sent: { words: 'Amazon was asked to stop', tone: 'quiet' },
  cancel_refused: { words: 'Amazon refused to stop', tone: 'warn' },
  tracking_reported: { words: 'Tracking reported to TikTok', tone: 'good' },
  tracking_found_reported: { words: 'Tracking was at TikTok already', tone: 'good' },
  tracking_corrected: { words: 'Tracking corrected at TikTok', tone: 'good' },
  tracking_warning: { words: 'TikTok warned about the tracking', tone: 'warn' },
  report_refused: { words: 'TikTok refused the tracking', tone: 'bad' },
  correction_refused: { words: 'TikTok refused the correction', tone: 'bad' },
  attempt_failed: { words: 'A look failed; it is tried again', tone: 'warn' },
  return_create_sent: { words: 'Return sent to Amazon', tone: 'quiet' },
  return_created_at_amazon: { words: 'Amazon expects the return', tone: 'good' },
  return_refused_at_amazon: { words: 'Amazon refused the return', tone: 'warn' },
  operator_retry: { words: 'A person asked to look again', tone: 'quiet' },
  operator_cancel: { words: 'A person asked to cancel', tone: 'quiet' },
  operator_resolve: { words: 'A person closed it', tone: 'quiet' },
};

const STAGE = /^stage_([a-z]+)$/;

/** An event of an order's timeline in plain words; one that has none keeps its code. */
export const eventWords = (event: string): Words => {
  const stage = STAGE.exec(event)?.[1];
  if (stage) return { words: `Now ${stage}`, tone: stage === 'review' ? 'bad' : 'quiet' };
  return EVENTS[event] ?? { words: event.replaceAll('_', ' '), tone: 'quiet' };
};

/** What is particular to an event: a stage's reason by its title, anything else as it was noted. */
export const eventDetail = (event: string, detail: string): string => {
  const [code = '', ...rest] = detail.split(': ');
  if (!STAGE.test(event) || !isReasonCode(code)) return detail;
  return [REASONS[code].title, ...rest].join(': ');
};
