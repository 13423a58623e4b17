import type { NewOrder } from '../tiktok-shop/index.ts';
import { LISTINGS, type Life, type LifeName } from './cast.ts';
import { FEARED, playFears } from './fears.ts';
import { LIVES } from './lives.ts';
import { type Placed, placedAs, type Scene, sleepUntil, sumUnits, unitsText, until } from './scene.ts';
import { MINUTE_MS } from './world.ts';

/** Lives whose hold the demo ends itself, because something has to go wrong with just that step, or right after it. */
const HELD_BY_HAND: ReadonlySet<LifeName> = new Set(['lost', 'twice', 'unclear', ...FEARED]);
const BY_HAND_SECONDS = 86_400;

const wishOf = ({ lines, buyer, name }: Life): NewOrder => ({
  lines: [...lines],
  paid: false,
  shippingType: name === 'platform' ? 'TIKTOK' : 'SELLER',
  address: {
    name: `${buyer.first} ${buyer.last}`,
    phone: `(+1)${buyer.phone}`,
    addressLine1: buyer.street,
    addressLine2: buyer.flat,
    city: buyer.city,
    county: buyer.city,
    state: buyer.state,
    postalCode: buyer.postalCode,
  },
  overrides: { buyer_email: buyer.email },
});

const tellPlaced = (scene: Scene, { number, life, orderId }: Placed, atMs: number): void => {
  const { first, last, state } = life.buyer;
  const units = unitsText(sumUnits(life.lines.map(({ sku, units }) => ({ sku, quantity: units }))));
  const where = life.name === 'address' ? `, to be sent to the state of ${state}` : '';
  const how = life.name === 'platform' ? ', shipped with a label from TikTok itself' : '';
  const text = `${first} ${last} orders ${units}${where}${how}, and pays: #${number}, order ${orderId}`;
  scene.story.tell(Math.floor(atMs / 1000) * 1000, 'buyer', text);
};

/** The next life begins: its order is placed and paid in one moment. */
const place = (scene: Scene, name: LifeName): void => {
  const { tiktok, clock } = scene.world;
  const index = LIVES.findIndex((life) => life.name === name);
  const life = LIVES[index];
  if (!life) throw new Error(`the cast has no "${name}"`);
  const holdSeconds = tiktok.settings.holdSeconds;
  if (HELD_BY_HAND.has(name)) tiktok.settings.holdSeconds = BY_HAND_SECONDS;
  const atMs = clock.nowMs();
  const order: Placed = { number: index + 1, life, ...tiktok.placeOrder(wishOf(life)) };
  scene.placed.push(order);
  tiktok.pay(order.orderId);
  tiktok.settings.holdSeconds = holdSeconds;
  tellPlaced(scene, order, atMs);
};

const mapBundle = async (scene: Scene): Promise<void> => {
  const bundles = LISTINGS.filter(({ components }) => components.length > 1);
  await scene.world.api.putSkuMap(
    bundles.map(({ sku, components }) => ({ channelSku: sku, components: [...components] })),
  );
  for (const { sku, components } of bundles) {
    const parts = unitsText(
      sumUnits(components.map(({ amazonSku, quantity }) => ({ sku: amazonSku, quantity }))),
    );
    const text = `tells the connector what a ${sku} consists of: ${parts} (PUT /api/sku-map)`;
    scene.story.tell(scene.world.clock.nowMs(), 'seller', text);
  }
};

const placeWithoutWebhooks = (scene: Scene): void => {
  scene.world.tiktok.webhooks.off();
  place(scene, 'lost');
  scene.world.tiktok.webhooks.on();
};

const placeForTwoParcels = (scene: Scene): void => {
  place(scene, 'parcels');
  const { orderId } = placedAs(scene, 'parcels');
  scene.world.amazon.planFor(
    { orderId },
    {
      parcels: [
        {
          items: [
            { sku: 'MUG', quantity: 1 },
            { sku: 'TEE', quantity: 1 },
          ],
          carrier: 'UPS',
        },
        { items: [{ sku: 'TEE', quantity: 1 }], carrier: 'FEDEX', packedMs: 55 * MINUTE_MS },
      ],
    },
  );
};

const cancel = (scene: Scene): void => {
  const { number, life, orderId } = placedAs(scene, 'cancelled');
  const atMs = scene.world.clock.nowMs();
  scene.world.tiktok.buyerCancel(orderId);
  const text = `${life.buyer.first} ${life.buyer.last} has second thoughts and cancels #${number} within the hour`;
  scene.story.tell(Math.floor(atMs / 1000) * 1000, 'buyer', text);
};

const endHoldSilently = (scene: Scene): void => {
  scene.world.tiktok.webhooks.off();
  scene.world.tiktok.endHold(placedAs(scene, 'lost').orderId);
  scene.world.tiktok.webhooks.on();
};

const endHoldTwiceTold = (scene: Scene): void => {
  scene.world.tiktok.webhooks.duplicate(1);
  scene.world.tiktok.endHold(placedAs(scene, 'twice').orderId);
};

const isAtAmazon = ({ world, placed }: Scene, name: LifeName): boolean => {
  const order = placed.find(({ life }) => life.name === name);
  return order !== undefined && world.amazon.order(`TTS-${order.orderId}`) !== undefined;
};

/** Armed only when no other order can run into it. */
const loseAnswer = async (scene: Scene, deadlineMs: number): Promise<void> => {
  const { amazon, tiktok } = scene.world;
  const others = LIVES.filter(
    ({ name, ends }) => ends.mcf.length > 0 && name !== 'unclear' && !FEARED.includes(name),
  );
  await until(scene, () => others.every(({ name }) => isAtAmazon(scene, name)), deadlineMs);
  const { number, orderId } = placedAs(scene, 'unclear');
  amazon.faults.next('create', 'reset-after');
  tiktok.endHold(orderId);
  if (!(await until(scene, () => amazon.faults.pending('create') === 0, deadlineMs))) return;
  const create = amazon.creates.find(({ fulfillmentId }) => fulfillmentId === `TTS-${orderId}`);
  const text = `#${number} the connection breaks before Amazon's answer is out: the connector cannot know`;
  if (create) scene.story.tell(create.at, 'network', text);
};

type Act = (scene: Scene, deadlineMs: number) => Promise<void> | void;

/** When which life begins, and what is done to it later: minutes from the opening. A remorse hour has sixty. */
const SCRIPT: readonly [minutes: number, act: Act][] = [
  [6, mapBundle],
  [12, (scene) => place(scene, 'plain')],
  [18, (scene) => place(scene, 'bundle')],
  [24, placeForTwoParcels],
  [30, (scene) => place(scene, 'address')],
  [36, placeWithoutWebhooks],
  [42, (scene) => place(scene, 'twice')],
  [48, (scene) => place(scene, 'cancelled')],
  [54, (scene) => place(scene, 'unclear')],
  [60, (scene) => place(scene, 'platform')],
  ...FEARED.map((name, index): [number, Act] => [62 + index, (scene) => place(scene, name)]),
  [68, cancel],
  [96, endHoldSilently],
  [102, endHoldTwiceTold],
  [114, loseAnswer],
];

/** Plays the day up to the last deed; what becomes of it is waited for by the caller. */
export const playDay = async (scene: Scene, deadlineMs: number): Promise<void> => {
  for (const [minutes, act] of SCRIPT) {
    await sleepUntil(scene, scene.world.openedMs + minutes * MINUTE_MS);
    await act(scene, deadlineMs);
  }
  await playFears(scene, deadlineMs);
};
