import type { Clock } from '../lib/clock.ts';
import { CHECKS, type Check, failed, type Line, type Subject } from './line.ts';

/** One thing to look at. `checks` are the lines it would give, for when it gives none in time. */
export type Probe = { checks: readonly Check[]; subject?: Subject; run(): Promise<Line[]> };

const INTERNAL = 'Report this fault of mcf-connector, with the log of the service.';

const inTime = async (probe: Probe, clock: Clock, withinMs: number): Promise<Line[]> => {
  const { checks, subject = {} } = probe;
  const answered = new AbortController();
  const late = clock
    .sleep(withinMs, answered.signal)
    .then(() =>
      checks.map((check) =>
        failed(
          check,
          `No answer within ${withinMs / 1000} s.`,
          'Check that this machine reaches the internet, its DNS and its firewall; then run the doctor again.',
          subject,
        ),
      ),
    );
  try {
    return await Promise.race([probe.run(), late]);
  } catch {
    return checks.map((check) => failed(check, 'The check itself failed.', INTERNAL, subject));
  } finally {
    answered.abort();
  }
};

/** Runs probes side by side; one that hangs or fails spoils only its own lines. In the order of `CHECKS`. */
export const runProbes = async (
  probes: readonly Probe[],
  clock: Clock,
  withinMs: number,
): Promise<Line[]> => {
  const lines = (await Promise.all(probes.map((probe) => inTime(probe, clock, withinMs)))).flat();
  const rank = ({ check }: Line): number => CHECKS.indexOf(check);
  return lines.toSorted((a, b) => rank(a) - rank(b));
};
