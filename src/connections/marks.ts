import { z } from 'zod';
import type { Store } from '../store/store.ts';

const PENDING = 'connect/pending';
const Texts = z.array(z.string());

type Cursors = Pick<Store, 'cursors'>;

const readTexts = async ({ cursors }: Cursors, name: string): Promise<string[]> =>
  Texts.parse(JSON.parse((await cursors.get(name)) ?? '[]'));

const saveTexts = ({ cursors }: Cursors, name: string, texts: readonly string[]): Promise<void> =>
  cursors.set(name, JSON.stringify(texts));

/** Authorisations whose tokens are kept and whose shops have not been read. */
export const createPending = (store: Cursors) => ({
  all: (): Promise<string[]> => readTexts(store, PENDING),
  async add(authorization: string): Promise<void> {
    await saveTexts(store, PENDING, [...new Set([...(await this.all()), authorization])]);
  },
  async remove(authorization: string): Promise<void> {
    const list = await this.all();
    if (!list.includes(authorization)) return;
    await saveTexts(
      store,
      PENDING,
      list.filter((key) => key !== authorization),
    );
  },
});

/** Scopes that an authorisation was granted without. */
export const createMissingScopes = (store: Cursors) => ({
  save: (authorization: string, scopes: readonly string[]): Promise<void> =>
    saveTexts(store, `connect/scopes/${authorization}`, scopes),
  of: (authorization: string): Promise<string[]> => readTexts(store, `connect/scopes/${authorization}`),
});

/** Addresses at which this service registered the webhooks of a shop, now or before. */
export const createOwnAddresses = (store: Cursors) => ({
  of: (shopId: string): Promise<string[]> => readTexts(store, `connect/webhooks/${shopId}`),
  async add(shopId: string, address: string): Promise<void> {
    const known = await this.of(shopId);
    if (!known.includes(address)) await saveTexts(store, `connect/webhooks/${shopId}`, [...known, address]);
  },
});
