import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { findProblem, PROBLEM_CODES } from '../../src/http/problem-codes.ts';
import { problemRoutes, problemsMarkdown } from '../../src/http/problem-pages.ts';
import { useZod } from '../../src/http/route-docs.ts';

/** Given by Fastify itself, so that no line of ours names them. */
const OF_FASTIFY = /^fst_/;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('problem-codes.ts'))
  .map((name) => ({ name, text: readFileSync(join('src', name), 'utf8') }));

/** Codes with the status they are thrown or sent with. */
const given = sources.flatMap(({ name, text }) => [
  ...[...text.matchAll(/new AppError\(\s*'(\w+)',\s*(\d+)/g)].map(([, code = '', status]) => ({
    name,
    code,
    status: Number(status),
  })),
  ...[...text.matchAll(/status: (\d+),\s*code: '(\w+)'/g)].map(([, status, code = '']) => ({
    name,
    code,
    status: Number(status),
  })),
]);

describe('the catalogue of problems', () => {
  it('has every code that is thrown or sent, with its status', () => {
    expect(given.length).toBeGreaterThan(20);
    expect(given.filter(({ code, status }) => findProblem(code)?.status !== status)).toEqual([]);
  });

  it('has no page that nothing leads to', () => {
    const isUsed = (code: string): boolean =>
      OF_FASTIFY.test(code) || sources.some(({ text }) => text.includes(`'${code}'`));

    expect(PROBLEM_CODES.filter((code) => !isUsed(code))).toEqual([]);
  });

  it('is docs/problems.md as it is now', () => {
    expect(readFileSync('docs/problems.md', 'utf8')).toBe(problemsMarkdown());
  });
});

describe('the pages of problems', () => {
  const open = async () => {
    const app = Fastify();
    useZod(app);
    problemRoutes(app);
    await app.ready();
    return app;
  };

  it.each(PROBLEM_CODES)('/problems/%s is HTML for a browser and JSON for a program', async (code) => {
    const app = await open();
    const url = `/problems/${code}`;
    const html = await app.inject({ url, headers: { accept: 'text/html,*/*;q=0.8' } });
    const json = await app.inject({ url });

    expect(html.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(html.body).toContain(`<code>${code}</code>`);
    expect(html.body).not.toMatch(/<script|style=/);
    expect(json.json()).toEqual({ code, ...findProblem(code) });
    await app.close();
  });

  it('what is no code is 404, and is not repeated', async () => {
    const app = await open();
    const answer = await app.inject({ url: '/problems/%3Cscript%3E', headers: { accept: 'text/html' } });

    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('script');
    await app.close();
  });
});
