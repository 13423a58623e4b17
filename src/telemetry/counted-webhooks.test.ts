import { describe, expect, it } from 'vitest';
import { notificationOf } from '../../test/store/fixtures.ts';
import type { WebhookReader } from '../channels/channel.ts';
import { StoreUnavailable } from '../store/store.ts';
import { countWebhooks, noWebhooks } from './counted-webhooks.ts';

const BYTES = new Uint8Array();

describe('webhooks are counted by outcome', () => {
  const openCounted = (reader: Partial<WebhookReader>, accept: () => Promise<'stored' | 'duplicate'>) => {
    const counts = noWebhooks();
    const parts = countWebhooks(
      {
        reader: { verify: () => true, read: () => ({ ok: false, problem: 'no JSON' }), ...reader },
        store: {
          notifications: {
            accept,
            newest: () => Promise.resolve([]),
            count: () => Promise.resolve(0),
          },
        },
      },
      counts,
    );
    return { counts, ...parts };
  };
  const accepts = (outcome: 'stored' | 'duplicate') => () => Promise.resolve(outcome);

  it.each([
    ['stored', 'accepted'],
    ['duplicate', 'duplicate'],
  ] as const)('%s counts as %s, and is answered as before', async (outcome, counted) => {
    const { counts, store } = openCounted({}, accepts(outcome));

    expect(await store.notifications.accept(notificationOf('n'), [], 0)).toBe(outcome);
    expect(counts).toEqual({ ...noWebhooks(), [counted]: 1 });
  });

  it('a wrong signature and an unreadable body are told apart, a good signature counts nothing yet', () => {
    const refused = openCounted({ verify: () => false }, accepts('stored'));
    const unreadable = openCounted({}, accepts('stored'));

    expect(refused.reader.verify(BYTES, 'x')).toBe(false);
    expect(unreadable.reader.verify(BYTES, 'x')).toBe(true);
    expect(unreadable.reader.read(BYTES)).toEqual({ ok: false, problem: 'no JSON' });
    expect(refused.counts).toEqual({ ...noWebhooks(), signature_refused: 1 });
    expect(unreadable.counts).toEqual({ ...noWebhooks(), unreadable: 1 });
  });

  it('a store that is away counts, a fault of ours does not, and both go on', async () => {
    const away = openCounted({}, () => Promise.reject(new StoreUnavailable('disk full')));
    const broken = openCounted({}, () => Promise.reject(new TypeError('x')));

    await expect(away.store.notifications.accept(notificationOf('n'), [], 0)).rejects.toThrow('disk full');
    await expect(broken.store.notifications.accept(notificationOf('n'), [], 0)).rejects.toThrow(TypeError);
    expect(away.counts).toEqual({ ...noWebhooks(), store_unavailable: 1 });
    expect(broken.counts).toEqual(noWebhooks());
  });
});
