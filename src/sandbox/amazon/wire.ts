import { jsonReply, type Reply, type SandboxRequest } from '../http.ts';

const NOT_UPDATABLE_REASON =
  '1 error:\nThis order is not updatable. Items in the order are already in working or completed shipments. \n';

/** Amazon's wording for an order that is past changing, line breaks included. */
export const NOT_UPDATABLE = `Value OrderNotUpdatable for parameter  is invalid. Reason: ${NOT_UPDATABLE_REASON}.`;

/** Amazon's error envelope. */
export const errorReply = (status: number, code: string, message: string, details = ''): Reply =>
  jsonReply(status, { errors: [{ code, message, details }] });

export const badRequest = (message: string): Reply => errorReply(400, 'InvalidInput', message);

/** What the gateway answers before a request reaches the service. */
export const htmlBadRequest = (): Reply => ({
  kind: 'answer',
  status: 400,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>400 Bad Request</title></head><body><center><h1>400 Bad Request</h1></center></body></html>',
});

export const denied = (details: string): Reply =>
  errorReply(403, 'Unauthorized', 'Access to requested resource is denied.', details);

export const queryText = (request: SandboxRequest): string => request.target.split('?')[1] ?? '';

export const headerOf = (request: SandboxRequest, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
};

/** The JSON body, or undefined when it is none. Numbers stay numbers, so that an unquoted id is seen. */
export const bodyOf = (request: SandboxRequest): unknown => {
  try {
    return JSON.parse(request.body);
  } catch {
    return undefined;
  }
};
