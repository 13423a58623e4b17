import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Clock, systemClock } from '../lib/clock.ts';
import { AppError, describeError, UpstreamError } from '../lib/errors.ts';
import { nowAndThen } from '../lib/now-and-then.ts';
import { StoreUnavailable } from '../store/store.ts';
import { findProblem } from './problem-codes.ts';
import { BARE_HEADERS } from './security-headers.ts';

export type Problem = { status: number; code: string; detail: string; errors?: readonly string[] };

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  429: 'Too many requests',
  431: 'Header fields too large',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Unavailable',
};

/** The page of the code here; RFC 9457 has `about:blank` for what has none. */
const problemType = (code: string): string => (findProblem(code) ? `/problems/${code}` : 'about:blank');

const problemText = ({ status, code, detail, errors }: Problem): string =>
  JSON.stringify({
    type: problemType(code),
    title: findProblem(code)?.title ?? TITLES[status] ?? 'Error',
    status,
    code,
    detail,
    ...(errors && errors.length > 0 ? { errors } : {}),
  });

/** Answers `application/problem+json` (RFC 9457) with our stable `code`. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply.code(problem.status).type('application/problem+json').send(problemText(problem));

const issueTexts = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);

/** What an error is told as to whoever asked; 5xx say nothing about the inside. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof AppError) {
    return { status: error.httpStatus, code: error.code, detail: error.message, errors: error.details };
  }
  if (error instanceof z.ZodError) {
    return {
      status: 400,
      code: 'invalid_request',
      detail: 'The request is not valid.',
      errors: issueTexts(error),
    };
  }
  if (error instanceof StoreUnavailable) {
    return { status: 503, code: error.code, detail: 'The store cannot be used now; try again.' };
  }
  if (error instanceof UpstreamError) {
    return {
      status: 502,
      code: 'upstream_unavailable',
      detail: 'TikTok Shop or Amazon did not answer as it should; try again later.',
    };
  }
  const status = isFastifyError(error) ? (error.statusCode ?? 500) : 500;
  if (status >= 500 || !isFastifyError(error)) {
    return {
      status: 500,
      code: 'internal_error',
      detail: 'Something failed here; see the log of the service.',
    };
  }
  return { status, code: error.code.toLowerCase(), detail: TITLES[status] ?? 'The request was refused.' };
};

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && 'code' in error;

/** A broken store fails every request, and the log may lie on the disk that is full. */
const STORE_FAULT_EVERY_MS = 60_000;

/** One place that turns errors into answers. 5xx bodies say nothing about the inside. */
export const addProblems = (app: FastifyInstance, clock: Clock = systemClock): void => {
  const storeFaults = nowAndThen(clock, STORE_FAULT_EVERY_MS);
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply) => {
    const problem = problemOf(error);
    const err = error instanceof UpstreamError ? describeError(error) : error;
    if (error instanceof StoreUnavailable) {
      storeFaults((keptBack) => request.log.error({ code: problem.code, err, keptBack }, 'request failed'));
    } else if (problem.status >= 500) request.log.error({ code: problem.code, err }, 'request failed');
    return sendProblem(reply, problem);
  });
};

/** Answers for addresses that the router cannot read, before any route is found. */
export const sendRouterProblem = (error: FastifyError, _request: unknown, reply: FastifyReply): void => {
  sendProblem(reply.headers(BARE_HEADERS), problemOf(error));
};

const CONNECTION_PROBLEMS: ReadonlyMap<string, Problem> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: 408, code: 'request_too_slow', detail: 'The request did not arrive in time.' },
  ],
  [
    'HPE_HEADER_OVERFLOW',
    { status: 431, code: 'headers_too_large', detail: 'The header block is too large.' },
  ],
]);
const NOT_HTTP: Problem = { status: 400, code: 'not_http', detail: 'This is not a valid HTTP request.' };

/** Answers what is no request at all, or did not become one in time, and ends the connection. */
export const refuseConnection = (error: Error & { code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const problem = CONNECTION_PROBLEMS.get(error.code ?? '') ?? NOT_HTTP;
    const body = problemText(problem);
    const headers = {
      ...BARE_HEADERS,
      connection: 'close',
      'content-type': 'application/problem+json',
      'content-length': String(Buffer.byteLength(body)),
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${problem.status} ${TITLES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
  }
  socket.destroy(error);
};
