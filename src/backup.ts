import { existsSync } from 'node:fs';
import { loadDatabaseUrl } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { type BackupReport, backUp } from './store/backup.ts';

const USAGE =
  'Usage: npm run backup -- FILE\nCopies the database that DATABASE_URL names to FILE, also while the service runs.';

const textOf = ({ path, bytes, orders, migration, keyPath, durationMs }: BackupReport): string =>
  [
    `${path}: ${(bytes / 1024 / 1024).toFixed(1)} MiB, ${orders} orders, schema ${migration}, checked, in ${durationMs} ms.`,
    keyPath === null
      ? 'Its tokens are sealed with the ENCRYPTION_KEY of the service: keep that value too, in another place.'
      : `${keyPath}: the key of its tokens. Whoever has both files has the tokens: guard them, or keep them apart.`,
  ].join('\n');

/** 0: there is a backup. 1: there is none, and nothing was left behind. 2: called in a wrong way. */
const run = async (files: readonly string[]): Promise<number> => {
  const [file] = files;
  if (!file || file.startsWith('-') || files.length > 1) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (existsSync('.env')) (await import('dotenv')).config({ quiet: true });
  try {
    process.stdout.write(`${textOf(backUp(loadDatabaseUrl(process.env), file, systemClock))}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`No backup was made. ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
};

process.exitCode = await run(process.argv.slice(2));
