import type { Clock } from '../../src/lib/clock.ts';

/** Time that passes only when everything that could run has run. Events are ordered by (time, sequence). */
export type VirtualTime = {
  nowMs(): number;
  /** Runs `event` after `delayMs`; the answered function takes it back. */
  after(delayMs: number, event: () => void): () => void;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Work was seen; the world is not quiet before it has come to its end. */
  stir(): void;
  /** Time stands still until `work`, which must not wait for time, is done. */
  hold(work: Promise<unknown>): void;
  /** Runs until nothing can run any more without time passing. */
  settle(): Promise<void>;
  /** Runs everything up to a time. `onQuiet` is called each time the world has come to rest. */
  runUntil(untilMs: number, onQuiet: () => void): Promise<void>;
};

type Event = { atMs: number; seq: number; run: () => void; isOff: boolean };

/** Turns of the event loop without any work before the world counts as quiet: no chain of work rests longer. */
const QUIET_TURNS = 3;
/** An order that is looked at again and again without time passing would never end. */
const MAX_TURNS = 200_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const isBefore = (a: Event, b: Event): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.seq < b.seq);

const createHeap = () => {
  const heap: Event[] = [];
  const swap = (a: number, b: number): void => {
    const [left, right] = [heap[a], heap[b]];
    if (left && right) [heap[a], heap[b]] = [right, left];
  };
  const less = (a: number, b: number): boolean => {
    const [left, right] = [heap[a], heap[b]];
    return left !== undefined && right !== undefined && isBefore(left, right);
  };
  return {
    peek: (): Event | undefined => heap[0],
    push(event: Event): void {
      heap.push(event);
      for (let at = heap.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        if (!less(at, parent)) return;
        swap(at, parent);
        at = parent;
      }
    },
    pop(): Event | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return first;
      heap[0] = last;
      for (let at = 0; ; ) {
        const [left, right] = [at * 2 + 1, at * 2 + 2];
        const child = less(right, left) ? right : left;
        if (!less(child, at)) return first;
        swap(at, child);
        at = child;
      }
    },
  };
};

export const createVirtualTime = (startMs: number): VirtualTime => {
  const heap = createHeap();
  let nowMs = startMs;
  let seq = 0;
  let stirred = 0;
  let held = 0;

  const after = (delayMs: number, run: () => void): (() => void) => {
    seq += 1;
    stirred += 1;
    const event: Event = { atMs: nowMs + Math.max(0, Math.ceil(delayMs)), seq, run, isOff: false };
    heap.push(event);
    return () => {
      event.isOff = true;
    };
  };

  const settle = async (): Promise<void> => {
    let seen = stirred;
    let quiet = 0;
    for (let turns = 0; quiet < QUIET_TURNS; turns += 1) {
      if (turns > MAX_TURNS) throw new Error('the world does not come to rest');
      await turn();
      quiet = seen === stirred && held === 0 ? quiet + 1 : 0;
      seen = stirred;
    }
  };

  return {
    nowMs: () => nowMs,
    after,
    stir() {
      stirred += 1;
    },
    hold(work) {
      held += 1;
      const release = (): void => {
        held -= 1;
      };
      work.then(release, release);
    },
    settle,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        stirred += 1;
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const onAbort = (): void => {
          cancel();
          stirred += 1;
          resolve();
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async runUntil(untilMs, onQuiet) {
      await settle();
      onQuiet();
      for (let next = heap.peek(); next && next.atMs <= untilMs; next = heap.peek()) {
        heap.pop();
        if (next.isOff) continue;
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
        await settle();
        onQuiet();
      }
      nowMs = Math.max(nowMs, Math.ceil(untilMs));
    },
  };
};

/** The clock of one side, off by `skewMs` from the world's time. */
export const clockOf = (time: VirtualTime, skewMs: () => number = () => 0): Clock => ({
  nowMs: () => time.nowMs() + skewMs(),
  sleep: (ms, signal) => time.sleep(ms, signal),
});
