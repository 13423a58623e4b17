import { type Html, html, nothing } from './html.ts';
import type { Job } from './jobs.ts';
import { type PageContext, page } from './layout.ts';
import { orderHref } from './orders.ts';
import { count, csrfField, notice, table, time } from './parts.ts';
import { REVIEW } from './review-words.ts';

export const jobHref = ({ id }: Pick<Job, 'id'>): string => `${REVIEW}/jobs/${id}`;

/** More failures than anybody reads. */
const SHOWN_FAULTS = 100;

const faults = ({ faults: all }: Job): Html =>
  all.length === 0
    ? nothing
    : html`<h3>Could not be done</h3>${table(
        'Could not be done',
        [
          { title: 'Order', cell: ({ orderId }) => html`<span class="mono">${orderId}</span>` },
          { title: 'Why', cell: ({ text }) => text, kind: 'wide' },
        ],
        all.slice(0, SHOWN_FAULTS),
        ({ orderId }) => orderHref(orderId),
      )}${all.length > SHOWN_FAULTS ? html`<p>and ${count(all.length - SHOWN_FAULTS)} more.</p>` : nothing}`;

const ending = (context: PageContext, job: Job): Html => {
  const { endedAtMs, isCut, total, done, canReopen, left } = job;
  if (endedAtMs === null)
    return html`<p class="hint">It goes on when you leave this page, until the service is restarted. <a href="${jobHref(job)}">See how far it is now</a>.</p>`;
  const undo =
    canReopen && left.length > 0
      ? html`<form method="post" action="${jobHref(job)}/reopen" data-confirm="Open ${count(left.length)} orders again?">${csrfField(context.csrfToken)}<button class="second" data-command="Undo: open these orders again">Undo: open them again</button></form>`
      : nothing;
  return html`${
    isCut
      ? notice(
          `The service was stopped: ${count(total - done)} were not done. Start it again from the queue.`,
          'warn',
        )
      : notice(html`All done ${time(endedAtMs, 'relative')}.`, job.faults.length > 0 ? 'warn' : 'good')
  }<div class="actions"><a class="button" href="${REVIEW}">Back to the queue</a>${undo}</div>`;
};

/** `/console/review/jobs/:jobId`: how far long work is. Follows by itself until it is over. */
export const jobPage = (context: PageContext, job: Job): Html => {
  const { total, done, left, stayed, endedAtMs } = job;
  const follow =
    endedAtMs === null
      ? html`hx-get="${jobHref(job)}" hx-trigger="every 2s" hx-select="#job" hx-select-oob="#review-count" hx-swap="outerHTML"`
      : nothing;
  return page(
    context,
    job.title,
    html`<section class="card" id="job" ${follow}>
      <p><label for="job-progress">${count(done)} of ${count(total)} done</label> <progress id="job-progress" max="${Math.max(1, total)}" value="${done}"></progress></p>
      <p>${count(left.length)} left the queue, ${count(stayed)} are in review still, ${count(job.faults.length)} could not be done.</p>
      ${ending(context, job)}${faults(job)}</section>`,
  );
};
