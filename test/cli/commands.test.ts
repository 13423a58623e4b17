import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startWorld, type World } from '../e2e/world.ts';
import { runCli } from './process.ts';

const TOKEN = 'admin-token-for-tests';
const CSV = 'shop_id,channel_sku,amazon_sku,quantity\n,BUNDLE,MUG,2\n';

describe('the command line, against a service that runs', () => {
  let world: World;
  let folder: string;
  let orderId: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mcf-cli-'));
    world = await startWorld();
    world.amazon.addSku('MUG', 50);
    world.tiktok.addProduct({ skus: [{ sellerSku: 'MUG', stock: 30 }] });
    ({ orderId } = world.tiktok.placeOrder({ lines: [{ sku: 'MUG' }], ready: true }));
    await vi.waitFor(() => expect(world.amazon.creates).toHaveLength(1), { timeout: 10_000 });
  });
  afterAll(async () => {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const cli = (args: readonly string[], input?: string, env: Record<string, string> = {}) =>
    runCli(args, {
      env: { MCF_URL: world.service.url, ADMIN_TOKEN: TOKEN, ...env },
      ...(input === undefined ? {} : { input }),
      cwd: folder,
    });

  it('doctor asks the service and ends with 0 when nothing failed', async () => {
    const { code, out } = await cli(['doctor']);

    expect(out).toContain(`Asked the service at ${world.service.url}`);
    expect(out).toMatch(/^passed +store/m);
    expect(out).toMatch(/^ +fix: Set PUBLIC_URL/m);
    expect(code).toBe(0);
  });

  it('order show tells where an order stands; one that is unknown ends with 1', async () => {
    const known = await cli(['order', 'show', orderId]);
    const asJson = await cli(['order', 'show', orderId, '--json']);
    const unknown = await cli(['order', 'show', '1']);

    expect(known).toMatchObject({ code: 0, err: '' });
    expect(known.out).toMatch(new RegExp(`^order +${orderId}$`, 'm'));
    expect(JSON.parse(asJson.out)).toMatchObject({ orderId, fulfillmentId: `TTS-${orderId}` });
    expect(unknown).toMatchObject({ code: 1, out: '', err: expect.stringContaining('order_unknown') });
  });

  it('order retry looks at the order again', async () => {
    const { code, out } = await cli(['order', 'retry', orderId]);

    expect(code).toBe(0);
    expect(out).toContain('operator_retry');
  });

  it('reconcile runs a pass, or a part of one', async () => {
    const { code, out } = await cli(['reconcile', '--only', 'tracking', '--json']);

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ errors: [], tracking: { reported: 0 } });
  });

  it('sku-map goes in from a file or standard input and comes out as it went in', async () => {
    const file = join(folder, 'map.csv');
    writeFileSync(file, CSV);
    const imported = await cli(['sku-map', 'import', file]);
    const piped = await cli(['sku-map', 'import', '-'], CSV);
    const exported = await cli(['sku-map', 'export']);
    const saved = await cli(['sku-map', 'export', join(folder, 'out.csv')]);
    const again = await cli(['sku-map', 'export', join(folder, 'out.csv')]);

    expect([imported.code, piped.code, exported.code, saved.code, again.code]).toEqual([0, 0, 0, 0, 1]);
    expect(exported.out.replaceAll('\r\n', '\n')).toBe(CSV);
    expect(readFileSync(join(folder, 'out.csv'), 'utf8')).toBe(exported.out);
  });

  it('a bad SKU map names its rows and changes nothing', async () => {
    const { code, err } = await cli(['sku-map', 'import', '-'], CSV.replace(',2', ',none'));

    expect(code).toBe(1);
    expect(err).toContain('sku_map_invalid');
    expect((await cli(['sku-map', 'export'])).out).toContain('BUNDLE');
  });

  it('sku-map report lists every listing', async () => {
    const { code, out } = await cli(['sku-map', 'report']);

    expect(code).toBe(0);
    expect(out).toMatch(/MUG +identity/);
  });

  it('user add makes a user whose password never was an argument', async () => {
    const added = await cli(
      ['user', 'add', 'Ada', '--role', 'operator', '--password-stdin', '--json'],
      'a long enough pass phrase\n',
    );
    const again = await cli(['user', 'add', 'Ada', '--role', 'operator']);

    expect(added.err).toBe('');
    expect(JSON.parse(added.out)).toMatchObject({ name: 'Ada', role: 'operator' });
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('user_name_taken') });
  });

  it('webhooks register says what is missing and why', async () => {
    const { code, out } = await cli(['webhooks', 'register']);

    expect(code).toBe(1);
    expect(out).toContain('PUBLIC_URL');
  });

  it('backup copies the database while the service runs', async () => {
    const file = join(folder, 'copy.db');
    const env = { DATABASE_URL: `file:${join(world.folder, 'mcf.db')}` };
    const { code, out } = await cli(['backup', file], undefined, env);
    const again = await cli(['backup', file], undefined, env);

    expect(code).toBe(0);
    expect(out).toContain('checked');
    expect(existsSync(file)).toBe(true);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('overwrites nothing') });
  });

  it('a wrong token, and a service that is not there, say what to set', async () => {
    const wrong = await cli(['order', 'show', orderId], undefined, { ADMIN_TOKEN: 'another-token-of-16' });
    const gone = await cli(['reconcile'], undefined, { MCF_URL: 'http://127.0.0.1:65533' });

    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('ADMIN_TOKEN') });
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('MCF_URL') });
  });

  it.each([
    [['no-such-command']],
    [['order', 'show']],
    [['reconcile', '--only', 'everything']],
    [['user', 'add', 'Bob', '--role', 'king']],
    [['doctor', 'too', 'many']],
  ])('called in a wrong way it ends with 2: %j', async (args) => {
    const { code, out, err } = await cli(args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toBe('');
  });

  it('asked for help it helps', async () => {
    const { code, out } = await cli(['--help']);

    expect(code).toBe(0);
    for (const command of ['doctor', 'reconcile', 'order', 'sku-map', 'backup', 'webhooks', 'user'])
      expect(out).toContain(command);
  });
});
