import type { SalesChannel } from '../channels/channel.ts';
import type { CreateGate } from '../orders/create-gate.ts';
import type { GroupDeps } from './group.ts';

/** The provider's accounts. Null stands for none: then nothing is limited, because nothing is called. */
export type LaneAccounts = {
  /** Those that ship now. */
  all: () => readonly string[];
  /** The one that ships a shop's orders. */
  ofShop: (shopId: string) => string | null;
  /** As the account's provider says. */
  createCapacity: (account: string | null, withinMs?: number) => number;
  readCapacity: (account: string | null, withinMs?: number) => number;
};

export type LaneDeps = GroupDeps & {
  accounts: LaneAccounts;
  channelOf(shop: { channel: string }): SalesChannel;
  gate: CreateGate;
  /** Runs a group behind the caller and tells its faults. */
  begin(group: () => Promise<void>): void;
};

/** What a lane found when it was looked at. */
export type Look = {
  /** Orders wait that nothing but time and quota keeps from being begun, or some are in hand. */
  isBusy: boolean;
  /** When to look again although nothing was heard; `Infinity`: no need. */
  nextMs: number;
};

/** A queue of due orders. `look` begins what can be begun now; `isNews`: something was heard since the last look. */
export type RunningLane = { look(isNews: boolean): Promise<Look> };

/** Where a queue waits for quota or for another side to be back. */
export const LOOK_AGAIN_MS = 500;

/** Reads of a shop's orders that are worth beginning: none while its side is away, one to see whether it is back. */
export const readsOf = (deps: LaneDeps, shop: { channel: string; shopId: string }): number =>
  deps.channelOf(shop).readCapacity({ channel: shop.channel, shopId: shop.shopId, region: null });

/** Orders that a group has in hand: as many as were asked for and, once they are read, as many as there were. */
export type Hand = {
  onRead: (count: number) => void;
  onOrderEnd: () => void;
  /** What is still open is given up. */
  end: () => void;
};

/** The hands of a lane, and how many orders they hold together. */
export const createHands = (): { inHand: () => number; take: (most: number) => Hand } => {
  let inHand = 0;
  const take = (most: number): Hand => {
    inHand += most;
    let open = most;
    const onRead = (count: number): void => {
      inHand -= open - count;
      open = count;
    };
    const onOrderEnd = (): void => {
      inHand -= 1;
      open -= 1;
    };
    const end = (): void => {
      inHand -= open;
    };
    return { onRead, onOrderEnd, end };
  };
  return { inHand: () => inHand, take };
};
