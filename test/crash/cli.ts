import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../simulation/random.ts';
import { type End, runCampaign } from './campaign.ts';
import { compileShim, whyNoShim } from './shims.ts';

const USAGE = `npm run crash -- [--kills N] [--power-cuts N] [--terminations N] [--seed S]
Ends the service N times each way under load, in a random order, and checks that nothing was lost or doubled.
`;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const countOf = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new Error(`${text} is not a number.\n${USAGE}`);
  return Number(text);
};

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    'power-cuts': { type: 'string', default: '0' },
    terminations: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});

const ends = (random = createRandom(`${values.seed} ends`)): End[] =>
  [
    ...Array.from({ length: countOf(values.kills) }, (): End => 'kill'),
    ...Array.from({ length: countOf(values['power-cuts']) }, (): End => 'power-cut'),
    ...Array.from({ length: countOf(values.terminations) }, (): End => 'terminate'),
  ]
    .map((end) => ({ end, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ end }) => end);

const run = async (): Promise<void> => {
  const needsShim = countOf(values['power-cuts']) > 0;
  const why = needsShim ? whyNoShim() : null;
  if (why !== null) throw new Error(`Power cuts are not possible here: ${why}.`);
  const folder = mkdtempSync(join(tmpdir(), 'mcf-shim-'));
  try {
    say(`seed ${values.seed}`);
    const report = await runCampaign({
      seed: values.seed,
      ends: ends(),
      ...(needsShim ? { unsyncedLibrary: compileShim('unsynced', folder) } : {}),
      say,
    });
    say(JSON.stringify(report, null, 2));
    if (report.faults.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

await run();
