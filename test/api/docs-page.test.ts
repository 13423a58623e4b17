import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDocument } from './document.ts';
import { type ApiWorld, openApiWorld } from './world.ts';

describe('the documentation', () => {
  let world: ApiWorld;
  beforeAll(async () => {
    world = await openApiWorld();
  });
  afterAll(() => world.close());

  it.each(['/docs', '/docs/'])(
    '%s is a page whose files are all served here, with nothing inline',
    async (url) => {
      const page = await world.app.inject({ url });
      const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = '']) => link);
      const files = await Promise.all(
        links.map((link) => world.app.inject({ url: new URL(link, `http://here${url}`).pathname })),
      );

      expect(page.statusCode).toBe(200);
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
      expect(page.headers['content-security-policy']).not.toContain('unsafe');
      expect(page.body).not.toMatch(/<style|style=|<script>|on\w+="/);
      expect(links.length).toBeGreaterThan(4);
      expect(files.map(({ statusCode }) => statusCode)).toEqual(links.map(() => 200));
      for (const { headers } of files) expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  it('shows the document that /openapi.json is', async () => {
    const [shown, document] = await Promise.all([
      world.app.inject({ url: '/docs/json' }),
      world.app.inject({ url: '/openapi.json' }),
    ]);

    expect(shown.json()).toEqual(document.json());
  });

  it.each(['/docs/nothing', '/docs/static/../../package.json', '/docs/static/%2e%2e/package.json'])(
    'has nothing at %s',
    async (url) => {
      expect((await world.app.inject({ url })).statusCode).toBe(404);
    },
  );

  it('names no schema that it does not have, and has none that it does not name', async () => {
    const { document } = await readDocument(world.app);
    const text = JSON.stringify(document);
    const named = new Set(
      [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name),
    );

    expect([...named].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });
});
