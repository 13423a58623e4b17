import { afterEach, expect, it } from 'vitest';
import { type FakeWorld, openWorld } from '../../test/fake-world.ts';
import { createPeople } from './index.ts';
import { createSingleSignOn } from './single-sign-on.ts';

let world: FakeWorld;
afterEach(() => world.store.close());

it('an answer is tried once, also where the provider would take it again or failed the first time', async () => {
  world = await openWorld();
  const { store, clock } = world;
  let asked = 0;
  let fails = true;
  const singleSignOn = createSingleSignOn({
    provider: {
      begin: async () => ({ url: 'https://idp.example', state: 's', nonce: 'n', verifier: 'v' }),
      prove: async () => {
        asked += 1;
        if (fails) throw new Error('no answer');
        return { subject: 'https://idp.example 1', mail: 'ann@example.com', preferredName: null, claims: {} };
      },
    },
    store,
    users: createPeople({ store, adminToken: 'an-admin-token', clock }).users,
    clock,
    defaultRole: 'viewer',
    roleClaim: null,
  });
  const { flow } = await singleSignOn.begin('/console');

  await expect(singleSignOn.finish(new URLSearchParams(), flow)).rejects.toThrow('no answer');
  fails = false;
  await expect(singleSignOn.finish(new URLSearchParams(), flow)).rejects.toMatchObject({
    code: 'single_sign_on_refused',
  });
  expect(asked).toBe(1);
});
