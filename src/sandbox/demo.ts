import { parseArgs } from 'node:util';
import { runDemo } from './demo/run.ts';

const USAGE = `npm run demo [-- --once] [-- --keep]
  --once  end after the day: exit code 0 when every order ended as it should, else 1
  --keep  keep the data directory, with the service's log in it
`;

const readOptions = (): { once: boolean; keep: boolean } | null => {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
    });
    return values;
  } catch {
    return null;
  }
};

const main = async (): Promise<number> => {
  const options = readOptions();
  if (!options) {
    process.stderr.write(USAGE);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    return await runDemo(options, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) process.stdout.write('stopped before the day was over\n');
    else process.stderr.write(`the demo failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
};

process.exitCode = await main();
