import { count, disk as diskText } from '../report.ts';
import type { Context } from './context.ts';
import type { Disk } from './disk.ts';
import { type Load, runLoad } from './load-run.ts';
import type { Summary } from './plan.ts';
import { newFolder, type ServerKind, startServer } from './servers.ts';
import { type Spread, spreadOf } from './stats.ts';

/** The runs of each server, round by round. */
export type Runs = ReadonlyMap<ServerKind, Summary[]>;

/** Each server once in every round, so that a neighbour's load on the machine meets all of them. */
export const inTurns = async (
  kinds: readonly ServerKind[],
  rounds: number,
  measure: (kind: ServerKind) => Promise<Summary>,
): Promise<Runs> => {
  const runs = new Map<ServerKind, Summary[]>(kinds.map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) runs.get(kind)?.push(await measure(kind));
  }
  return runs;
};

export const runsOf = (runs: Runs, kind: ServerKind): readonly Summary[] => runs.get(kind) ?? [];

export const spreadOfRuns = (runs: Runs, kind: ServerKind, figure: (summary: Summary) => number): Spread =>
  spreadOf(runsOf(runs, kind).map(figure));

/** The service over another server, round by round. */
export const ratiosTo = (runs: Runs, kind: ServerKind, figure: (summary: Summary) => number): Spread =>
  spreadOf(
    runsOf(runs, 'service').map((own, round) => {
      const other = runsOf(runs, kind)[round];
      return other ? figure(own) / figure(other) : Number.NaN;
    }),
  );

export type Target = { kind: ServerKind; disk: Disk; env: Record<string, string> };

/** Starts a server in a folder of its own, loads it, and ends it whatever happens. */
export const loadOnce = async (
  context: Context,
  { kind, disk, env }: Target,
  load: Load,
): Promise<Summary> => {
  const folder = newFolder(context.folder, kind);
  const server = await startServer({ kind, folder, disk, env });
  try {
    const summary = await runLoad(server, folder, load);
    context.progress(`${kind} ${load.mode.kind} ${diskText(disk)}: ${count(summary.perSecond)}/s`);
    return summary;
  } finally {
    await server.kill();
  }
};

export const SATURATED = { kind: 'saturate', inFlight: 512 } as const;

/** How long a saturated run is, and how many requests the fastest server can want in it. */
export const saturation = ({ quick }: Context): Omit<Load, 'mode'> => ({
  count: 260_000,
  ...(quick ? { warmupMs: 1_500, durationMs: 1_500 } : { warmupMs: 2_000, durationMs: 3_000 }),
});

/** One run differs from the next by a tenth on a shared machine, the floor's too. */
export const saturatedRounds = ({ quick }: Context): number => (quick ? 3 : 7);
