import type { Chart } from './lib/context.ts';
import type { Results } from './lib/results.ts';
import { cellsOf, chartCells, HEADINGS, ms, point } from './report.ts';

/** More points than this have no names of their own on the axis. */
const MOST_NAMES = 12;

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const markdownTable = ([head = [], ...lines]: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((line) => `| ${line.map(escaped).join(' | ')} |`).join('\n');

/** The first line of a chart as a curve. */
const curve = ({ title, x, lines }: Chart): string => {
  const [line] = lines;
  if (!line) return '';
  const unit = line.unit === '' ? line.name : `${line.name}, ${line.unit}`;
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    x.values.length > MOST_NAMES
      ? `  x-axis "${x.name}" ${Math.min(...x.values)} --> ${Math.max(...x.values)}`
      : `  x-axis "${x.name}" [${x.values.map((value) => `"${point(value)}"`).join(', ')}]`,
    `  y-axis "${unit}" 0 --> ${Math.ceil(Math.max(...line.values) * 1.1)}`,
    `  line [${line.values.join(', ')}]`,
    '```',
  ].join('\n');
};

const chartSection = (chart: Chart): string =>
  [`### ${chart.title}`, curve(chart), markdownTable(chartCells(chart))].join('\n\n');

const verdictLine = ({ rows }: Results): string => {
  const aimed = rows.filter(({ target }) => target !== null);
  const missed = aimed.filter(({ target }) => target?.met === false);
  if (aimed.length === 0) return 'No target was measured.';
  if (missed.length === 0) return `All ${aimed.length} targets are met.`;
  return `**${missed.length} of ${aimed.length} targets are missed**: ${missed.map(({ name }) => escaped(name)).join('; ')}.`;
};

const headLines = ({ date, quick, machine, notes }: Results): string =>
  [
    `Measured on ${date}: Node ${machine.node.replace('v', '')}, ${machine.cores} cores, ${machine.cpu}; the disk takes`,
    `${ms(machine.syncMs)} to write and sync 4 KiB. \`+n ms\` means that every sync takes n ms longer, as on slower disks.`,
    ...(quick
      ? [
          '**This was a quick run**: one short round each, for a look at the machinery and not for its figures.',
        ]
      : []),
    ...notes.map((note) => `\n**Note:** ${escaped(note)}`),
  ].join('\n');

const INTRO = `# Performance

Written by \`npm run bench -- --write\` from what it measured; the figures lie in \`bench/results.json\`, and a test holds that
this page says the same. \`npm ci --prefix bench/peers\` installs the peers first; BullMQ also needs \`redis-server\`.`;

const METHOD = `## How it is measured

Server, load generator and databases run on one machine and share its cores. **Figures of two runs cannot be compared**:
another machine, or the same one on another day, gives others. Ratios within a run can, because the servers take turns in
each round; they are medians with the least and the greatest.

- **The floor** (\`bench/floor.ts\`) is the least that can acknowledge a webhook durably: one Fastify process that checks the
  HMAC, parses with zod and commits one row to SQLite with \`synchronous=FULL\`, requests of one turn of the event loop
  together. It has no orders, no deduplication, no health and no limits.
- **The load** is signed and built before the clock starts, every request distinct. At a fixed rate it is an open loop:
  latency counts from when a request was due, so a server that stalls cannot hide it. Saturated, 512 are on their way.
- **The ledger**: sent = acknowledged + refused + cut off, and acknowledged ⊆ stored ⊆ sent. Floor and service are ended with
  SIGKILL and their files are read afterwards; peers are asked over their own connection. A run whose ledger does not
  balance is void and gives no figure.
- **Slower disks** are this disk with a pause in every \`fsync\`. Peers are measured on the disk as it is.

### The peers

Each peer that stores is the same receiver as the floor (\`bench/lib/receiver.ts\`), keeping a webhook the way its
documentation says before it answers 200. What they do in a webhook, and what not:

| | keeps | does not |
| --- | --- | --- |
| \`@octokit/webhooks\` | nothing: it verifies GitHub's signature, parses and calls a handler | store, deduplicate |
| BullMQ | a job in Redis, \`appendonly yes\`, \`appendfsync always\`; the job's id deduplicates | keep what does not fit into memory |
| pg-boss | \`send\` with a job id made from the notification's id; a row in Postgres with its default settings | put several webhooks into one transaction |
| Graphile Worker | \`addJob\` with a job key; a row in Postgres with its default settings | put several webhooks into one transaction |
| this service | the notification and its order, deduplicated, both due for the worker; and the worker runs meanwhile | share its file with another process |

The pools of the two on Postgres (5, 10, 30) and BullMQ's pipelining are tried first, and the best is measured. In a network
of its own a database server takes longer to reach; here it is on the same machine.

### The scenarios

- *route*, *peers*: upstreams that never answer, so that accepting is all there is.
- *burst-sustained*, *rate-while-draining*: every order exists at the simulated TikTok Shop and leaves for the simulated Amazon
  at its create quota of 2 a second meanwhile. Peak memory is that of the service's process.
- *long-run*: webhooks about distinct orders without a pause; a straight line is fitted to the second half of the samples.
- *reconcile*: the service routed the open orders itself, six hours earlier; 10 % of all are open. Then parcels leave and
  orders come without any webhook, half and half, and one \`POST /reconcile\` has to find them all. Quotas are lifted on both
  sides, because waiting for them says nothing about the work; the calls are the same. A pass also reads 20 open
  fulfillments that no list named.`;

/** `docs/performance.md` from one run's results. */
export const performancePage = (results: Results): string => {
  const charts = results.rows.flatMap((row) => row.charts);
  const sections = [
    INTRO,
    headLines(results),
    verdictLine(results),
    '## Figures',
    markdownTable([HEADINGS, ...results.rows.map(cellsOf)]),
    ...(charts.length > 0 ? ['## Growth', ...charts.map(chartSection)] : []),
    METHOD,
  ];
  return `${sections.join('\n\n')}\n`;
};
