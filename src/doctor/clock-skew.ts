import type { Clock } from '../lib/clock.ts';
import type { HttpClient } from '../lib/http-client.ts';
import { failed, type Line, passed, warned } from './line.ts';
import type { Probe } from './probes.ts';

const LIMIT = { ratePerSecond: 5, burst: 5 };
const WARN_MS = 60_000;
/** TikTok refuses a call whose timestamp is older. */
const FAIL_MS = 5 * 60_000;
/** The header names whole seconds. */
const PRECISION_MS = 1_000;

const FIX =
  'Set the clock of this machine by NTP (`timedatectl set-ntp true`, or the host’s where it is a container).';

const judge = (name: string, skewMs: number): Line => {
  const off = Math.abs(skewMs);
  const how = `This machine’s clock is ${Math.round(off / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ${name}’s`;
  if (off > FAIL_MS) return failed('clock', `${how}; TikTok refuses calls that are five minutes off.`, FIX);
  if (off > WARN_MS) return warned('clock', `${how}.`, FIX);
  return passed('clock', `The clock agrees with ${name}’s.`);
};

/** Compares with the `Date` that a host answers with. No credentials go there. */
export const clockProbe = (
  { http, clock }: { http: HttpClient; clock: Clock },
  host: { name: string; url: string },
): Probe => ({
  checks: ['clock'],
  async run() {
    const sentMs = clock.nowMs();
    try {
      const { headers } = await http.send({
        upstream: 'doctor',
        account: host.name,
        operation: 'readDate',
        limit: LIMIT,
        method: 'GET',
        url: host.url,
        headers: {},
      });
      const theirsMs = Date.parse(headers['date'] ?? '');
      if (Number.isNaN(theirsMs))
        return [warned('clock', `${host.name} does not say what time it is.`, 'Compare the clock by hand.')];
      const oursMs = (sentMs + clock.nowMs()) / 2;
      const skewMs = oursMs - theirsMs - PRECISION_MS / 2;
      return [judge(host.name, skewMs)];
    } catch {
      return [
        failed(
          'clock',
          `${host.name} cannot be reached at ${new URL(host.url).host}.`,
          'Check DNS, firewall and proxy of this machine; a changed address in the environment is the other cause.',
        ),
      ];
    }
  },
});
