// Plain JavaScript: no compile cache can serve the first file, and for it alone Node would load its TypeScript compiler.
import { existsSync, mkdirSync } from 'node:fs';
import { enableCompileCache, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

/** Until the service listens nothing is in hand. As the first process of a container it would not end without this. */
const leave = () => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, leave);

if (existsSync('.env')) {
  const { config } = await import('dotenv');
  config({ quiet: true });
}

/*
 * V8 learns at the first burst that what a webhook makes lives long, and from then on makes it in the memory that is
 * cleared seldom. There each dead request holds others: pauses of 50 ms and 100 MiB more in a burst.
 */
setFlagsFromString('--no-allocation-site-pretenuring');
// Helpers would wait for cores that others use, and all they could share is a third of a millisecond (src/lib/scavenge.ts).
setFlagsFromString('--no-parallel-scavenge');

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

/** A module that imports by a relative path names a file exactly; for hundreds, Node's own search is an eighth of a start. */
const takePathsAsTheyAre = () => {
  registerHooks({
    resolve(specifier, context, next) {
      const isExact = specifier.startsWith('.') && context.conditions.includes('import');
      if (!isExact) return next(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, shortCircuit: true };
    },
  });
};

cacheBesideDatabase();
takePathsAsTheyAre();
const { run } = await import('./main.ts');
await run(leave);
