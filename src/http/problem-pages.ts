import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from './problem-codes.ts';
import { sendProblem } from './problems.ts';

const Page = z
  .object({
    code: z.string(),
    status: z.int(),
    title: z.string(),
    whatHappened: z.string(),
    whatToDo: z.string(),
  })
  .meta({ id: 'ProblemPage', description: 'What a code means, and what to do' });
type Page = z.output<typeof Page>;

const pageOf = (code: ProblemCode): Page => ({ code, ...PROBLEMS[code] });

/** `docs/problems.md`. */
export const problemsMarkdown = (): string =>
  [
    '# Problems',
    '',
    'An answer that is an error is `application/problem+json` (RFC 9457). Its `code` is stable; its `type` leads to the page',
    'of the code, which every service also has at `/problems/<code>`.',
    ...PROBLEM_CODES.map(pageOf).flatMap(({ code, status, title, whatHappened, whatToDo }) => [
      '',
      `## ${code}`,
      '',
      `**${title}** (${status}). ${whatHappened}`,
      '',
      whatToDo,
    ]),
    '',
  ].join('\n');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
const withCode = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const document = (title: string, body: string): string =>
  `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>${escaped(title)}</title>\n<main>\n${body}\n</main>\n</html>\n`;

const pageHtml = ({ code, status, title, whatHappened, whatToDo }: Page): string =>
  document(
    title,
    `<h1>${escaped(title)}</h1>
<p><code>${code}</code>, status ${status}</p>
<h2>What happened</h2>
<p>${withCode(whatHappened)}</p>
<h2>What to do</h2>
<p>${withCode(whatToDo)}</p>
<p><a href="/problems">All codes</a></p>`,
  );

const indexHtml = (pages: readonly Page[]): string =>
  document(
    'Problems',
    `<h1>Problems</h1>\n<ul>\n${pages
      .map(
        ({ code, title }) =>
          `<li><a href="/problems/${code}"><code>${code}</code></a> ${escaped(title)}</li>`,
      )
      .join('\n')}\n</ul>`,
  );

/** A browser names HTML; whoever names neither gets JSON. */
const wantsHtml = (accept = ''): boolean => /\btext\/html\b/i.test(accept);

const Params = z.object({ code: z.string().max(100) });

/** `/problems/<code>`, where the `type` of every error leads. For everybody: it holds nothing of this service. */
export const problemRoutes = (app: FastifyInstance): void => {
  const config = { alsoAnswers: ['text/html'] };
  const pages = PROBLEM_CODES.map(pageOf);
  app.get(
    '/problems',
    {
      config,
      schema: {
        operationId: 'listProblems',
        tags: ['Documentation'],
        summary: 'Every code that an error can carry',
        response: { 200: z.object({ problems: z.array(Page) }).describe('All codes') },
      },
    },
    (request, reply) => {
      reply.header('vary', 'accept');
      return wantsHtml(request.headers.accept)
        ? reply.type('text/html; charset=utf-8').send(indexHtml(pages))
        : reply.send({ problems: pages });
    },
  );
  app.get<{ Params: z.output<typeof Params> }>(
    '/problems/:code',
    {
      config: { ...config, problems: ['route_unknown'] },
      schema: {
        operationId: 'getProblem',
        tags: ['Documentation'],
        summary: 'What a code means, and what to do',
        params: Params,
        response: { 200: Page },
      },
    },
    (request, reply) => {
      reply.header('vary', 'accept');
      const page = pages.find(({ code }) => code === request.params.code);
      if (!page)
        return sendProblem(reply, {
          status: 404,
          code: 'route_unknown',
          detail: 'There is no problem of this name.',
        });
      return wantsHtml(request.headers.accept)
        ? reply.type('text/html; charset=utf-8').send(pageHtml(page))
        : reply.send(page);
    },
  );
};
