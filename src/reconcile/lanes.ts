import type { Clock } from '../lib/clock.ts';
import { createLimiter } from '../lib/limiter.ts';
import { createDueLane } from './due-lane.ts';
import type { Finished, GroupDeps } from './group.ts';
import type { LaneDeps, Look } from './lane.ts';
import { createReadyLane } from './ready-lane.ts';

export type LanesDeps = Omit<GroupDeps, 'onFinished'> & Pick<LaneDeps, 'accounts' | 'gate'>;

/** What becomes of the groups that were begun. */
export type LanesListener = {
  onFinished(finished: Finished): void;
  onFault(error: unknown): void;
  /** A group ended, and with it what kept others from being begun. */
  onEnd(): void;
};

/** All lanes as one. */
export type Lanes = {
  /** Begins everything that can be begun. */
  look(isNews: boolean): Promise<Look & { isNewBusy: boolean }>;
  /** Resolves when nothing that was begun is running any more. */
  settled(): Promise<void>;
};

/** Leases that ran out are looked for so often. */
const EXPIRED_EVERY_MS = 1_000;

const takingBackExpired = ({ store, clock }: { store: LanesDeps['store']; clock: Clock }) => {
  let nextMs = 0;
  return async (): Promise<void> => {
    const nowMs = clock.nowMs();
    if (nowMs < nextMs) return;
    nextMs = nowMs + EXPIRED_EVERY_MS;
    await store.orders.takeBackExpired(nowMs);
  };
};

export const createLanes = (deps: LanesDeps, listener: LanesListener): Lanes => {
  const running = new Set<Promise<void>>();
  let ended = 0;
  const runToEnd = async (group: () => Promise<void>): Promise<void> => {
    try {
      await group();
    } catch (error) {
      listener.onFault(error);
    }
    // Before a look that found the group gone is over: see `look`.
    ended += 1;
  };
  const begin = (group: () => Promise<void>): void => {
    const work: Promise<void> = runToEnd(group).finally(() => {
      running.delete(work);
      listener.onEnd();
    });
    running.add(work);
  };
  const laneDeps: LaneDeps = { ...deps, begin, onFinished: (finished) => listener.onFinished(finished) };
  // The queue for quota is looked at first: what is new may pass only where nothing waits.
  const ready = createReadyLane(laneDeps);
  const fresh = createDueLane(laneDeps, 'new');
  const placed = [createDueLane(laneDeps, 'moved'), createDueLane(laneDeps, 'placed')];
  const takeBackExpired = takingBackExpired(deps);

  const lookOnce = async (isNews: boolean) => {
    await takeBackExpired();
    const queued = await ready.look(isNews);
    const unplaced = await fresh.look(isNews);
    const looks = [queued, unplaced];
    for (const lane of placed) looks.push(await lane.look(isNews));
    return {
      isBusy: looks.some(({ isBusy }) => isBusy),
      isNewBusy: unplaced.isBusy,
      nextMs: Math.min(...looks.map(({ nextMs }) => nextMs)),
    };
  };
  // One at a time: beside one that is under way, nothing would seem left of what that one is about to begin.
  const inTurn = createLimiter(1);

  return {
    look: (isNews) =>
      inTurn(async () => {
        for (;;) {
          const endedBefore = ended;
          const looked = await lookOnce(isNews);
          // What ended meanwhile may have left orders in a lane that was looked at before.
          if (looked.isBusy || ended === endedBefore) return looked;
        }
      }),
    async settled() {
      await Promise.all(running);
    },
  };
};
