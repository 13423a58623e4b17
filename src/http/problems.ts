import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError, describeError, UpstreamError } from '../lib/errors.ts';
import { StoreUnavailable } from '../store/store.ts';

export type Problem = { status: number; code: string; detail: string; errors?: readonly string[] };

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Unavailable',
};

/** Answers `application/problem+json` (RFC 9457) with our stable `code`. */
export const sendProblem = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .code(problem.status)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: 'about:blank',
        title: TITLES[problem.status] ?? 'Error',
        status: problem.status,
        code: problem.code,
        detail: problem.detail,
        ...(problem.errors && problem.errors.length > 0 ? { errors: problem.errors } : {}),
      }),
    );

const issueTexts = (error: z.ZodError): string[] =>
  error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`);

const toProblem = (error: unknown): Problem => {
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

/** One place that turns errors into answers. 5xx bodies say nothing about the inside. */
export const addProblems = (app: FastifyInstance): void => {
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply) => {
    const problem = toProblem(error);
    const err = error instanceof UpstreamError ? describeError(error) : error;
    if (problem.status >= 500) request.log.error({ code: problem.code, err }, 'request failed');
    return sendProblem(reply, problem);
  });
};
