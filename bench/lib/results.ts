import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { median } from './stats.ts';

/** A figure that is not a number (NaN, infinite) is null in JSON. */
const Figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const Chart = z.object({
  title: z.string(),
  x: z.object({ name: z.string(), values: z.array(Figure) }),
  lines: z.array(z.object({ name: z.string(), unit: z.string(), values: z.array(Figure) })),
});

const Row = z.object({
  name: z.string(),
  floor: z.string(),
  service: z.string(),
  ratio: z.string(),
  target: z.object({ text: z.string(), met: z.boolean() }).nullable(),
  figures: z.record(z.string(), z.unknown()),
  charts: z.array(Chart).default([]),
});

const Machine = z.object({
  node: z.string(),
  cores: z.number(),
  cpu: z.string(),
  /** Median of writing 4 KiB and syncing them. */
  syncMs: z.number(),
});

/** What one run measured, as it is kept. */
export const Results = z.object({
  date: z.iso.date(),
  quick: z.boolean(),
  machine: Machine,
  /** What was left out, and what failed. */
  notes: z.array(z.string()),
  rows: z.array(Row),
});
export type Results = z.output<typeof Results>;

const SYNCS = 200;
const PAGE = Buffer.alloc(4_096, 1);

const measureSyncMs = (folder: string): number => {
  const path = join(folder, 'sync');
  const file = openSync(path, 'w');
  try {
    return median(
      Array.from({ length: SYNCS }, () => {
        const startMs = performance.now();
        writeSync(file, PAGE);
        fdatasyncSync(file);
        return performance.now() - startMs;
      }),
    );
  } finally {
    closeSync(file);
    rmSync(path);
  }
};

/** The machine of this run; `folder` lies on the disk that is measured. */
export const describeMachine = (folder: string): Results['machine'] => ({
  node: process.version,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  syncMs: measureSyncMs(folder),
});
