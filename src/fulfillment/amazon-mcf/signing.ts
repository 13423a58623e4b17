import aws4 from 'aws4';

export type AwsCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
};

export type SignableRequest = {
  method: string;
  /** As sent: path and query already percent-encoded once. */
  url: string;
  /** Lower-case names, `x-amz-access-token` among them: what is added later is not covered. */
  headers: Record<string, string>;
  /** The exact text that will be sent. */
  body?: string | undefined;
};

const SERVICE = 'execute-api';

/** `YYYYMMDDTHHMMSSZ` in UTC. */
const amzDate = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');

/**
 * The headers to send: those given and `x-amz-date`, and with credentials the SigV4 ones. Amazon has ignored
 * signatures since 2 Oct 2023, so no answer shows a wrong one. `region` is the AWS region of the SP-API region,
 * whatever the host. Pure.
 */
export const signSigV4 = (
  request: SignableRequest,
  credentials: AwsCredentials | null,
  region: string,
  nowMs: number,
): Record<string, string> => {
  const headers = { ...request.headers, 'x-amz-date': amzDate(nowMs) };
  if (!credentials) return headers;
  const { host, pathname, search } = new URL(request.url);
  const signed = aws4.sign(
    {
      host,
      method: request.method,
      path: `${pathname}${search}`,
      service: SERVICE,
      region,
      headers: { ...headers, host },
      ...(request.body === undefined ? {} : { body: request.body }),
    },
    {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken ? { sessionToken: credentials.sessionToken } : {}),
    },
  );
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(signed.headers ?? {})) {
    // The HTTP client writes the same host from the URL.
    if (name !== 'host') result[name.toLowerCase()] = String(value);
  }
  return result;
};
