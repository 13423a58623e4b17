import { z } from 'zod';

/** What could not be done, in words that a person can act on. */
export class CliError extends Error {
  override readonly name = 'CliError';
}

/** Nobody listens there. */
export class NoService extends CliError {}

export type Environment = Readonly<Record<string, string | undefined>>;

export type ServiceRequest = {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  json?: unknown;
  csv?: string;
  accept?: string;
  timeoutMs?: number;
};

/** The running service, over HTTP. */
export type ServiceClient = {
  readonly url: string;
  /** The body of a good answer. Throws `CliError` with what a refusing one says. */
  text(request: ServiceRequest): Promise<string>;
  /** As `text`, read as JSON of this shape. */
  json<Body>(schema: z.ZodType<Body>, request: ServiceRequest): Promise<Body>;
};

const TIMEOUT_MS = 60_000;
const DEFAULT_PORT = '3000';
/** Of a connection that was never made. */
const NOBODY = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN']);

const Problem = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.string()).default([]),
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const codeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
};

const refusal = (status: number, text: string): CliError => {
  const problem = Problem.safeParse(parsed(text)).data;
  if (status === 401)
    return new CliError(
      'The service does not know this token (401). Set ADMIN_TOKEN to the one it was started with, or to an API token.',
    );
  if (!problem)
    return new CliError(`The service answered ${status} and nothing that explains it. Is MCF_URL right?`);
  const more = problem.errors.map((error) => `\n  - ${error}`).join('');
  return new CliError(`${problem.detail} (${problem.code})${more}`);
};

const baseOf = (env: Environment): string => {
  const url = env['MCF_URL'] || `http://127.0.0.1:${env['PORT'] || DEFAULT_PORT}`;
  if (!URL.canParse(url)) throw new CliError('MCF_URL is no address; it looks like http://127.0.0.1:3000.');
  return url.replace(/\/+$/, '');
};

export const createServiceClient = (env: Environment): ServiceClient => {
  const url = baseOf(env);
  const text = async (request: ServiceRequest): Promise<string> => {
    const { method, path, json, csv, accept = 'application/json', timeoutMs = TIMEOUT_MS } = request;
    const token = env['ADMIN_TOKEN'];
    const type = csv === undefined ? (json === undefined ? null : 'application/json') : 'text/csv';
    const body = csv ?? (json === undefined ? null : JSON.stringify(json));
    try {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          accept,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(type === null ? {} : { 'content-type': type }),
        },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = await response.text();
      if (!response.ok) throw refusal(response.status, answer);
      return answer;
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (NOBODY.has(codeOf(error)))
        throw new NoService(`No service answers at ${url}. Start it, or set MCF_URL.`);
      throw new CliError(
        `The service at ${url} gave no usable answer${error instanceof Error && error.name === 'TimeoutError' ? ' in time' : ''}.`,
      );
    }
  };
  return {
    url,
    text,
    async json(schema, request) {
      const result = schema.safeParse(parsed(await text(request)));
      if (result.success) return result.data;
      throw new CliError(
        'The service answered something else than expected. Is it the same version as this command?',
      );
    },
  };
};
