import { z } from 'zod';
import { ConfigError, loadConfig } from '../config/load.ts';
import { systemClock } from '../lib/clock.ts';
import { type Output, print, table } from './output.ts';
import { type Environment, NoService, type ServiceClient } from './service.ts';

const Line = z.object({
  check: z.string(),
  state: z.enum(['passed', 'warned', 'failed']),
  message: z.string(),
  fix: z.string().nullable(),
  shopId: z.string().nullable(),
  amazonAccount: z.string().nullable(),
});
type Line = z.output<typeof Line>;
const Answer = z.object({ lines: z.array(Line) });

/** Longer than the doctor takes for what hangs. */
const TIMEOUT_MS = 40_000;

const faultLine = (fault: string): Line => ({
  check: 'configuration',
  state: 'failed',
  message: fault,
  fix: 'Set it as .env.example says.',
  shopId: null,
  amazonAccount: null,
});

/** Without a service. Loaded only then: it is most of the service's code. */
const examine = async (env: Environment): Promise<Line[]> => {
  try {
    const config = loadConfig({ ...env });
    const { examineAlone } = await import('../wiring/doctor-alone.ts');
    return await examineAlone(config, systemClock);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(faultLine);
    throw error;
  }
};

const wordsOf = (lines: readonly Line[], where: string): string => {
  const rows = lines.map(({ state, check, shopId, amazonAccount, message }) => [
    state,
    check,
    shopId ?? amazonAccount ?? '',
    message,
  ]);
  const aligned = table(rows).split('\n');
  const withFixes = lines.flatMap(({ fix }, index) => [
    aligned[index] ?? '',
    ...(fix === null ? [] : [`        fix: ${fix}`]),
  ]);
  const count = (state: Line['state']): number => lines.filter((line) => line.state === state).length;
  return [
    ...withFixes,
    '',
    `${count('passed')} passed, ${count('warned')} warned, ${count('failed')} failed. ${where}`,
  ].join('\n');
};

/** 1: something failed. */
export const doctor = async (service: ServiceClient, env: Environment, output: Output): Promise<number> => {
  let lines: Line[];
  let isRunning = true;
  try {
    const request = { method: 'GET', path: '/api/doctor', timeoutMs: TIMEOUT_MS } as const;
    ({ lines } = await service.json(Answer, request));
  } catch (error) {
    if (!(error instanceof NoService)) throw error;
    isRunning = false;
    lines = await examine(env);
  }
  const where = isRunning
    ? `Asked the service at ${service.url}.`
    : `No service answers at ${service.url}; looked from here.`;
  print(output, { service: isRunning ? service.url : null, lines }, () => wordsOf(lines, where));
  return lines.some(({ state }) => state === 'failed') ? 1 : 0;
};
