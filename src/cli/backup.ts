import { loadDatabaseUrl } from '../config/load.ts';
import { systemClock } from '../lib/clock.ts';
import { type Output, print } from './output.ts';
import { CliError, type Environment } from './service.ts';

/** Copies the database that DATABASE_URL names, also while the service runs. */
export const backup = async (file: string, env: Environment, output: Output): Promise<number> => {
  const { backUp, describeBackup } = await import('../store/backup.ts');
  try {
    const report = backUp(loadDatabaseUrl({ ...env }), file, systemClock);
    print(output, report, () => describeBackup(report));
    return 0;
  } catch (error) {
    throw new CliError(`No backup was made. ${error instanceof Error ? error.message : String(error)}`);
  }
};
