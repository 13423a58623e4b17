import type { HttpResponse, Transport, WireRequest } from '../../src/lib/http-client.ts';
import type { Reply, SandboxRequest } from '../../src/sandbox/http.ts';
import type { VirtualTime } from './virtual-time.ts';

export const AMAZON_URL = 'http://amazon.invalid';
export const TIKTOK_URL = 'http://tiktok.invalid';

export type SideName = 'amazon' | 'tiktok';

/** What the way to one side is like for one exchange. */
export type Weather = {
  /** There and back; the effect happens in the middle. */
  latencyMs: number;
  trouble: 'refused' | 'reset' | 'hang' | { status: number } | null;
};

export type ExchangeHooks = {
  /** Just before it is sent. False: the sender has died. */
  onSend(side: SideName): boolean;
  /** The effect happened, the answer is under way. False: the sender has died. */
  onEffect(side: SideName, request: SandboxRequest, reply: Reply): boolean;
  isOver(): boolean;
};

/** An error as Node or axios throws it. */
export const brokenExchange = (code: string): Error => Object.assign(new Error(code), { code });

const never = (): Promise<never> => new Promise(() => undefined);

const sandboxRequest = ({ method, url, headers, body }: WireRequest): SandboxRequest => {
  const target = url.slice(url.indexOf('/', 'http://'.length));
  const parsed = new URL(url);
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    target,
    path: parsed.pathname,
    query: parsed.searchParams,
    headers: Object.fromEntries(lower),
    body: body ?? '',
  };
};

const lowerCased = (headers: Record<string, string> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const STORM_BODY = '{"errors":[{"code":"Unavailable","message":"busy"}],"code":36009003,"message":"busy"}';

/** The way from one life of the service to the two sides, in virtual time. A request on its way arrives, whoever died. */
export const createNetwork = (options: {
  time: VirtualTime;
  sides: Record<SideName, (request: SandboxRequest) => Promise<Reply>>;
  weather: (side: SideName, request: SandboxRequest) => Weather;
  hooks: ExchangeHooks;
}): Transport => {
  const { time, sides, weather, hooks } = options;

  const exchange = async (side: SideName, request: SandboxRequest, latencyMs: number): Promise<Reply> => {
    await time.sleep(latencyMs / 2);
    const reply = await sides[side](request);
    if (!hooks.onEffect(side, request, reply)) return never();
    await time.sleep(latencyMs / 2);
    return reply;
  };

  const answer = async (reply: Reply): Promise<HttpResponse> => {
    if (reply.kind === 'reset') throw brokenExchange('ECONNRESET');
    if (reply.kind === 'hang') return never();
    return { status: reply.status, headers: lowerCased(reply.headers), text: reply.body };
  };

  const carry = async (wire: WireRequest): Promise<HttpResponse> => {
    const side: SideName = wire.url.startsWith(AMAZON_URL) ? 'amazon' : 'tiktok';
    const request = sandboxRequest(wire);
    if (!hooks.onSend(side)) return never();
    const { latencyMs, trouble } = weather(side, request);
    if (trouble === null) return answer(await exchange(side, request, latencyMs));
    await time.sleep(Math.min(latencyMs, 1_000) / 2);
    if (trouble === 'refused') throw brokenExchange('ECONNREFUSED');
    if (trouble === 'reset') throw brokenExchange('ECONNRESET');
    if (trouble === 'hang') return never();
    return { status: trouble.status, headers: {}, text: STORM_BODY };
  };

  return {
    send(wire) {
      time.stir();
      if (hooks.isOver()) return never();
      return new Promise((resolve, reject) => {
        const settle = (how: () => void): void => {
          stopWaiting();
          if (!hooks.isOver()) how();
        };
        const stopWaiting = time.after(wire.timeoutMs, () =>
          settle(() => reject(brokenExchange('ECONNABORTED'))),
        );
        carry(wire).then(
          (response) => settle(() => resolve(response)),
          (error: Error) => settle(() => reject(error)),
        );
      });
    },
    close: () => undefined,
  };
};
