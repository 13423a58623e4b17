import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';

export type HttpMock = {
  /** Declares requests to one base address; each declaration must be used exactly as often as it was made. */
  scope(baseUrl: string): nock.Scope;
};

/**
 * The only door to nock. Every test that uses it fails when a request was made that nobody declared, and when a
 * declared request was not made. No connection leaves the machine; `allowLocal` lets 127.0.0.1 through.
 */
export const useHttpMock = (options: { allowLocal?: boolean } = {}): HttpMock => {
  let undeclared: string[] = [];

  const onNoMatch = (request: Request): void => {
    if (options.allowLocal === true && new URL(request.url).hostname === '127.0.0.1') return;
    undeclared.push(`${request.method} ${request.url}`);
  };

  beforeEach(() => {
    undeclared = [];
    if (!nock.isActive()) nock.activate();
    nock.cleanAll();
    nock.disableNetConnect();
    if (options.allowLocal === true) nock.enableNetConnect(/^127\.0\.0\.1(:|$)/);
    nock.emitter.on('no match', onNoMatch);
  });

  afterEach(() => {
    const unused = nock.pendingMocks();
    nock.emitter.off('no match', onNoMatch);
    nock.abortPendingRequests();
    nock.cleanAll();
    nock.enableNetConnect();
    expect(undeclared, 'requests that no test declared').toEqual([]);
    expect(unused, 'declared requests that were never made').toEqual([]);
  });

  return { scope: (baseUrl) => nock(baseUrl) };
};
