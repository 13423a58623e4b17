import type { AmazonSandbox } from '../../src/sandbox/amazon/index.ts';
import type { TikTokSandbox } from '../../src/sandbox/tiktok-shop/index.ts';
import type { Random } from '../simulation/random.ts';

export const SKUS = ['MUG', 'TEE', 'CAP'] as const;

export type Buyers = {
  /** One buyer does something. */
  step(): void;
  /** Does what earlier buyers meant to do by now, or all of it. */
  followUp(everything?: boolean): void;
};

const inTwoParcels = {
  parcels: [{ items: [{ sku: 'MUG', quantity: 2 }] }, { items: [{ sku: 'TEE', quantity: 1 }] }],
};

/** People who buy, pay late, order two parcels, and change their minds; some of what they do is never announced. */
export const createBuyers = (tiktok: TikTokSandbox, amazon: AmazonSandbox, random: Random): Buyers => {
  let plans: { dueMs: number; run(): void }[] = [];
  const later = (run: () => void): void => {
    plans.push({ dueMs: performance.now() + random.int(50, 2_000), run });
  };

  const buy = (): string => {
    const sku = random.pick(SKUS);
    return tiktok.placeOrder({ lines: [{ sku, units: random.int(1, 2) }], ready: true }).orderId;
  };
  const buyTwoParcels = (): void => {
    const { orderId } = tiktok.placeOrder({ lines: [{ sku: 'MUG', units: 2 }, { sku: 'TEE' }], ready: true });
    amazon.planFor({ orderId: `TTS-${orderId}` }, inTwoParcels);
  };
  const buyAndPayLater = (): void => {
    const { orderId } = tiktok.placeOrder({ lines: [{ sku: random.pick(SKUS) }], paid: false, hold: false });
    later(() => tiktok.pay(orderId));
  };
  const buyAndRegret = (): void => {
    const orderId = buy();
    later(() => {
      if (tiktok.order(orderId).status === 'AWAITING_SHIPMENT') tiktok.buyerCancel(orderId);
    });
  };

  return {
    step() {
      if (random.chance(0.1)) tiktok.webhooks.lose(1);
      else if (random.chance(0.2)) tiktok.webhooks.duplicate(1);
      const what = random.next();
      if (what < 0.6) buy();
      else if (what < 0.75) buyTwoParcels();
      else if (what < 0.9) buyAndPayLater();
      else buyAndRegret();
    },
    followUp(everything = false) {
      const nowMs = performance.now();
      const due = plans.filter(({ dueMs }) => everything || dueMs <= nowMs);
      plans = plans.filter((plan) => !due.includes(plan));
      for (const plan of due) plan.run();
    },
  };
};
