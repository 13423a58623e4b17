import { createHash } from 'node:crypto';

/** Everything that happened, in order: told as lines where somebody reads them, and always as one hash. */
export type Trace = {
  note(what: string): void;
  lines(): readonly string[];
  hash(): string;
};

export const createTrace = (options: { nowMs(): number; startMs: number; keep: boolean }): Trace => {
  const sum = createHash('sha256');
  const lines: string[] = [];
  return {
    note(what) {
      const line = `${((options.nowMs() - options.startMs) / 1000).toFixed(3).padStart(12)} ${what}`;
      sum.update(line);
      if (options.keep) lines.push(line);
    },
    lines: () => lines,
    hash: () => sum.copy().digest('hex'),
  };
};
