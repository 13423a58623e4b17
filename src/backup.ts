import { existsSync } from 'node:fs';
import { loadDatabaseUrl } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { backUp, describeBackup } from './store/backup.ts';

const USAGE =
  'Usage: npm run backup -- FILE\nCopies the database that DATABASE_URL names to FILE, also while the service runs.';

/** 0: there is a backup. 1: there is none, and nothing was left behind. 2: called in a wrong way. */
const run = async (files: readonly string[]): Promise<number> => {
  const [file] = files;
  if (!file || file.startsWith('-') || files.length > 1) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (existsSync('.env')) (await import('dotenv')).config({ quiet: true });
  try {
    process.stdout.write(`${describeBackup(backUp(loadDatabaseUrl(process.env), file, systemClock))}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`No backup was made. ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
};

process.exitCode = await run(process.argv.slice(2));
