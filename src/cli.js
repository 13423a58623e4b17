#!/usr/bin/env node
// Plain JavaScript, so that a Node which cannot run the rest can say so.
import { existsSync } from 'node:fs';

const OLDEST = 24;
if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(`mcf-connector needs Node ${OLDEST} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
if (existsSync('.env')) {
  const { config } = await import('dotenv');
  config({ quiet: true });
}
const { run } = await import('./cli/main.ts');
process.exitCode = await run(process.argv.slice(2), process.env);
