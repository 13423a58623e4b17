import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const compress = promisify(brotliCompress);
const require = createRequire(import.meta.url);

const own = (name: string): URL => new URL(`assets/${name}`, import.meta.url);

/** Everything a page loads. The first page of a visit stays under 150 KiB with these. */
const FILES = {
  'console.css': { from: own('console.css'), type: 'text/css; charset=utf-8' },
  'console.js': { from: own('console.js'), type: 'text/javascript; charset=utf-8' },
  'icon.svg': { from: own('icon.svg'), type: 'image/svg+xml' },
  'htmx.js': { from: require.resolve('htmx.org/dist/htmx.min.js'), type: 'text/javascript; charset=utf-8' },
} as const;
export type AssetName = keyof typeof FILES;

type Asset = { type: string; hash: string; plain: Buffer; packed: Promise<Buffer> | null };

const assets = new Map<string, Asset>();

const load = (name: AssetName): Asset => {
  const known = assets.get(name);
  if (known) return known;
  const { from, type } = FILES[name];
  const plain = readFileSync(from);
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 12);
  const asset = { type, hash, plain, packed: null };
  assets.set(name, asset);
  return asset;
};

const isAsset = (name: string): name is AssetName => Object.hasOwn(FILES, name);

/** The address of an asset; it changes with the content, so browsers may keep what they have. */
export const assetUrl = (name: AssetName): string => `/console/assets/${load(name).hash}/${name}`;

const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };

/** `GET /console/assets/:hash/:name`. They hold no secret, so a sign-in is not needed. */
export const assetRoutes = (app: FastifyInstance): void => {
  app.get<{ Params: { name: string } }>('/console/assets/:hash/:name', async (request, reply) => {
    const { name } = request.params;
    if (!isAsset(name)) return reply.callNotFound();
    const asset = load(name);
    reply.type(asset.type).headers({
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    });
    if (!/\bbr\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(asset.plain);
    asset.packed ??= compress(asset.plain, QUALITY);
    return reply.header('content-encoding', 'br').send(await asset.packed);
  });
};
