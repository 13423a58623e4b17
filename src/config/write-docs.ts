import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { problemsMarkdown } from '../http/problem-pages.ts';
import { livesPage } from '../orders/lives-table.ts';
import { reasonIndex, reasonPage } from '../orders/reason-pages.ts';
import { REASON_CODES } from '../orders/reasons.ts';
import { metricsPage } from '../telemetry/metrics-page.ts';
import { envExample, variablesTable } from './docs.ts';

const BEGIN = '<!-- variables -->';
const END = '<!-- /variables -->';

/** The README with its table of variables made anew. */
const withTable = (readme: string): string => {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END, begin);
  if (begin === -1 || end === -1) throw new Error(`README.md has no ${BEGIN} … ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n${variablesTable()}\n${readme.slice(end)}`;
};

// `npm run docs:write`, run in the project's folder.
writeFileSync('.env.example', envExample());
writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8')));
rmSync('docs/reasons', { recursive: true, force: true });
mkdirSync('docs/reasons', { recursive: true });
writeFileSync('docs/reasons/README.md', reasonIndex());
for (const code of REASON_CODES) writeFileSync(`docs/reasons/${code}.md`, reasonPage(code));
writeFileSync('docs/order-lives.md', livesPage());
writeFileSync('docs/metrics.md', metricsPage());
writeFileSync('docs/problems.md', problemsMarkdown());
