import { REASONS, type ReasonCode } from './reasons.ts';

/** The page of one reason, as `docs/reasons/<code>.md` holds it. */
export const reasonPage = (code: ReasonCode): string => {
  const { title, whatHappened, whatToDo, retryHelps } = REASONS[code];
  return [
    `# ${title}`,
    '',
    `Reason \`${code}\`.`,
    '',
    '## What happened',
    '',
    whatHappened,
    '',
    '## What to do',
    '',
    whatToDo,
    '',
    '## Can a retry help?',
    '',
    retryHelps
      ? `Yes: \`POST /api/orders/{orderId}/retry\`, or all orders with this reason at once: \`POST /api/orders/retry\` with \`{"reason":"${code}"}\`.`
      : 'Not by itself.',
    '',
  ].join('\n');
};

/** The list of all reasons, as `docs/reasons/README.md` holds it. */
export const reasonIndex = (): string => {
  const rows = Object.entries(REASONS).map(([code, { title }]) => `| [\`${code}\`](${code}.md) | ${title} |`);
  return [
    '# Reasons',
    '',
    'Every order is in one stage for one reason. `GET /api/orders?stage=review` lists those that need a person.',
    '',
    '| Reason | |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
};
