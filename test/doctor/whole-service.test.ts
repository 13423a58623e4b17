import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DoctorAnswer } from '../../src/http/doctor.ts';
import { startWorld, type World } from '../e2e/world.ts';

describe('GET /api/doctor', () => {
  let world: World;

  beforeEach(async () => {
    world = await startWorld();
    world.amazon.addSku('MUG', 5);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 3 }] });
  });
  afterEach(() => world.close());

  const doctor = async () => DoctorAnswer.parse((await world.api('GET', '/api/doctor')).body);

  it('finds nothing that fails in a service that works', async () => {
    const { state, lines } = await doctor();

    expect(lines.filter((line) => line.state === 'failed')).toEqual([]);
    expect(state).toBe('warned');
    expect(lines.map(({ check }) => check)).toEqual(expect.arrayContaining(['store', 'clock', 'sku_map']));
  });

  it('renews an access token that has expired instead of calling the shop unreachable', async () => {
    world.tiktok.expireAccessToken();
    const { lines } = await doctor();

    expect(lines.filter((line) => line.state === 'failed')).toEqual([]);
    expect(world.tiktok.countCalls('token.refresh')).toBe(1);
  });

  it('an authorisation that was withdrawn fails with its fix, and no secret is told', async () => {
    world.tiktok.revoke();
    const { lines } = await doctor();

    expect(lines.filter((line) => line.state === 'failed')).toMatchObject([
      { check: 'tiktok_authorisation', shopId: world.tiktok.shop.id },
    ]);
    const text = JSON.stringify(lines);
    for (const secret of [world.tiktok.tokens().accessToken, 'Atzr|', 'lwa-client-secret', 'app-secret-of'])
      expect(text).not.toContain(secret);
  });
});
