import { describe, expect, it } from 'vitest';
import { shopRow } from '../../test/connect/rows.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import type { Grant } from '../channels/authorizer.ts';
import type { ShopRow, TokenPair } from '../store/store.ts';
import { createGrants } from './grants.ts';

const GRANT: Grant = {
  sellerId: 'one',
  sellerName: 'One',
  isSeller: true,
  missingScopes: [],
  tokens: { accessToken: 'a', accessExpiresAtMs: 1, refreshToken: 'r', refreshExpiresAtMs: 2 },
};

const setUp = (known: ShopRow[] = []) => {
  const did: string[] = [];
  const pairs = new Map<string, TokenPair>();
  const cursors = new Map<string, string>();
  const rows = new Map(known.map((row) => [row.shopId, row]));
  const failing = { tokens: false, shops: false };
  const store = {
    tokens: {
      load: async (key: string) => pairs.get(key) ?? null,
      save: async (key: string, pair: TokenPair) => {
        if (failing.tokens) throw new Error('the disk is full');
        did.push('tokens');
        pairs.set(key, pair);
      },
      remove: async (key: string) => void pairs.delete(key),
    },
    shops: {
      all: async () => [...rows.values()],
      upsert: async (row: ShopRow) => {
        if (failing.shops) throw new Error('the disk is full');
        did.push('shop');
        rows.set(row.shopId, row);
      },
    },
    accounts: { all: async () => [] },
    cursors: {
      get: async (name: string) => cursors.get(name) ?? null,
      set: async (name: string, value: string) => void cursors.set(name, value),
    },
  };
  const grants = createGrants({
    channel: 'tiktok-shop',
    authorizer: { link: () => null, exchange: async () => GRANT, essentialScopes: [] },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only these are called
    store: store as never,
    clock: createHeldClock(),
    running: {
      changed: async () => void did.push('changed'),
      forgetAuthorization: () => undefined,
      forgetAccount: () => undefined,
    },
    shopsOf: async () => {
      did.push('read');
      return [{ shopId: '1', name: 'Shop', region: 'US', cipher: 'NEW' }];
    },
    onConnected: () => void did.push('registered'),
  });
  return { grants, did, pairs, rows, failing };
};

describe('what a seller grants', () => {
  it('is sealed before anything else is done with it', async () => {
    const { grants, did } = setUp();

    await grants.accept('code');

    expect(did).toEqual(['tokens', 'read', 'shop', 'changed', 'registered']);
  });

  it('that cannot be stored connects nothing', async () => {
    const { grants, did, failing } = setUp();
    failing.tokens = true;

    await expect(grants.accept('code')).rejects.toThrow('full');

    expect(did).toEqual([]);
  });

  it('whose shops cannot be stored is finished later, with the tokens that are kept', async () => {
    const { grants, rows, pairs, failing } = setUp();
    failing.shops = true;
    expect((await grants.accept('code')).kind).toBe('shops_unread');
    const errors: unknown[] = [];

    await grants.finish((error) => errors.push(error));
    expect(errors).toHaveLength(1);
    failing.shops = false;
    await grants.finish((error) => errors.push(error));
    await grants.finish((error) => errors.push(error));

    expect(errors).toHaveLength(1);
    expect(pairs.get('tiktok-shop/one')?.refreshToken).toBe('r');
    expect([...rows.keys()]).toEqual(['1']);
  });

  it('for a shop that is known keeps its name, settings, account and pause, and ends its stop', async () => {
    const known = shopRow({
      name: 'Mine',
      settings: { bufferUnits: 3 },
      pausedAtMs: 7,
      stoppedAtMs: 8,
      cipher: null,
      authorization: 'tiktok-shop',
    });
    const { grants, rows, pairs } = setUp([known]);
    pairs.set('tiktok-shop', { ...GRANT.tokens, origin: '' });

    const outcome = await grants.accept('code');

    expect(outcome).toMatchObject({ kind: 'connected', moved: ['1'] });
    expect(rows.get('1')).toMatchObject({
      name: 'Mine',
      settings: { bufferUnits: 3 },
      amazonAccount: 'amazon',
      pausedAtMs: 7,
      stoppedAtMs: null,
      cipher: 'NEW',
      authorization: 'tiktok-shop/one',
      authorizationExpiresAtMs: 2,
    });
    expect([...pairs.keys()]).toEqual(['tiktok-shop/one']);
  });
});
