import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Cookies that only the browser which got them sends back, and only to this host. */
export type OwnCookie = {
  read(request: FastifyRequest): string | null;
  write(request: FastifyRequest, reply: FastifyReply, value: string, lifeSeconds: number): void;
  clear(request: FastifyRequest, reply: FastifyReply): void;
};

/** Adds the reading of cookies to a scope. */
export const addCookies = async (scope: FastifyInstance): Promise<void> => {
  await scope.register(cookie);
};

/**
 * TLS, seen here or said by a trusted proxy. Or the request is for the host of `PUBLIC_URL`, and that is https: behind
 * a proxy that is not named in TRUST_PROXY nothing else tells.
 */
const isSecure = ({ protocol, host }: FastifyRequest, publicUrl: string | null): boolean =>
  protocol === 'https' ||
  (publicUrl !== null && publicUrl.startsWith('https:') && new URL(publicUrl).host === host);

/** Over TLS the name begins with `__Host-`: a browser takes it from this host alone, for every path. */
export const createOwnCookie = (name: string, publicUrl: string | null): OwnCookie => {
  const nameFor = (request: FastifyRequest): string =>
    isSecure(request, publicUrl) ? `__Host-${name}` : name;
  const attributes = (request: FastifyRequest) =>
    ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request, publicUrl) }) as const;
  return {
    read: (request) => request.cookies[nameFor(request)] || null,
    write: (request, reply, value, lifeSeconds) =>
      void reply.setCookie(nameFor(request), value, { ...attributes(request), maxAge: lifeSeconds }),
    clear: (request, reply) => void reply.clearCookie(nameFor(request), attributes(request)),
  };
};

export const createSessionCookie = (publicUrl: string | null): OwnCookie =>
  createOwnCookie('mcf_session', publicUrl);
