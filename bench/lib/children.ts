import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const STOPPED_WITHIN_MS = 15_000;
const living = new Map<ChildProcess, NodeJS.Signals>();

const killAll = (): void => {
  for (const [child, signal] of living) child.kill(signal);
};
process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a process that does not outlive this one: it is sent `lastSignal` when this one ends. */
export const spawnChild = (
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  lastSignal: NodeJS.Signals = 'SIGKILL',
): ChildProcess => {
  const child = spawn(command, args, options);
  living.set(child, lastSignal);
  child.once('close', () => living.delete(child));
  return child;
};

export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** Ends a process and waits for it; one that does not heed the signal in time is killed. */
export const endChild = async (child: ChildProcess, end: (child: ChildProcess) => void): Promise<void> => {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  end(child);
  const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  await exited;
  clearTimeout(late);
};
