import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';

const Manifest = z.object({ scripts: z.object({ start: z.string() }) });

it('the image runs what `npm start` runs, with the same flags of Node', () => {
  const { start } = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8'))).scripts;
  const [, command = '[]'] = /^CMD (.*)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];

  expect(z.array(z.string()).parse(JSON.parse(command)).join(' ')).toBe(start);
});
