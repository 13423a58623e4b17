// Plain JavaScript: no compile cache can serve the first file, and for it alone Node would load its TypeScript compiler.
import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname, join } from 'node:path';

if (existsSync('.env')) {
  const { config } = await import('dotenv');
  config({ quiet: true });
}

/** Start-up time is mostly compiling; the cache lies beside the database, the only place the service writes to. */
const cacheBesideDatabase = () => {
  const databaseFile = (process.env['DATABASE_URL'] ?? '').replace(/^file:/, '') || './data/mcf-connector.db';
  const folder = join(dirname(databaseFile), 'compile-cache');
  try {
    mkdirSync(folder, { recursive: true });
    enableCompileCache(folder);
  } catch {
    // A folder that cannot be made is reported by the store in a moment, with its reason.
  }
};

cacheBesideDatabase();
const { run } = await import('./main.ts');
await run();
