import type { Disk } from './disk.ts';

/** What every scenario is given. */
export type Context = {
  /** Everything is written below this folder. */
  folder: string;
  disks: readonly Disk[];
  quick: boolean;
  /** Says what is going on. */
  progress(text: string): void;
};

/** One line of the report. */
export type Row = {
  name: string;
  floor: string;
  service: string;
  /** Median, with the least and the greatest of the rounds. */
  ratio: string;
  /** The target; null where there is none. */
  target: { text: string; met: boolean } | null;
  /** The figures behind the texts. */
  figures: Record<string, unknown>;
};
