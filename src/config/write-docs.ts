import { readFileSync, writeFileSync } from 'node:fs';
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

// `npm run docs:config`, run in the project's folder.
writeFileSync('.env.example', envExample());
writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8')));
