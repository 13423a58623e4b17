import type { Disk } from './disk.ts';

/** What every scenario is given. */
export type Context = {
  /** Everything is written below this folder. */
  folder: string;
  disks: readonly Disk[];
  quick: boolean;
  /** Says what is going on. */
  progress(text: string): void;
  /** What a reader of the results has to know: something was left out. */
  note(text: string): void;
};

/** How a figure grows: a table and a curve of the report. */
export type Chart = {
  title: string;
  x: { name: string; values: number[] };
  lines: { name: string; unit: string; values: number[] }[];
};

/** One line of the report. */
export type Row = {
  name: string;
  /** What the service is compared with. */
  floor: string;
  service: string;
  /** Median, with the least and the greatest of the rounds. */
  ratio: string;
  /** Null where there is none. */
  target: { text: string; met: boolean } | null;
  /** The figures behind the texts. */
  figures: Record<string, unknown>;
  charts?: Chart[];
};
