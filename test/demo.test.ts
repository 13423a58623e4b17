import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { personalTexts, SECRETS } from '../src/sandbox/demo/cast.ts';
import { LIVES } from '../src/sandbox/demo/lives.ts';

const DEMO = join(import.meta.dirname, '../src/sandbox/demo.ts');

/** What the story says when a life was really lived. */
const SIGNS: Readonly<Record<(typeof LIVES)[number]['name'], RegExp>> = {
  plain: /connector +#1 reports TBA\d+ by Amazon Logistics to TikTok/,
  bundle: /Amazon +#2 takes the MCF order TTS-\d+: 2 x CUP, 1 x POT/,
  parcels: /Amazon +#3 packs parcel 2 of 2/,
  address: /connector +#4 is now "review" \(address_invalid\)/,
  lost: /connector +#5 found by a pass/,
  twice: /TikTok +#6 sends the very same notification a second time/,
  cancelled: /connector +#7 is now "cancelled"/,
  unclear: /connector +#8 looks at Amazon, finds TTS-\d+ there and adopts it/,
  platform: /connector +#9 is now "ignored" \(tiktok_shipping\)/,
  regretted:
    /connector +#10 asks Amazon to cancel TTS-\d+ [\s\S]+ Amazon +#10 has cancelled it[\s\S]+ connector +#10 [^\n]+ approves[\s\S]+ TikTok +#10 is cancelled/,
  tooLate: /connector +#11 is now "review" \(cancelled_but_shipped\)[^\n]+To do: Recall the parcel/,
  moved: /Amazon +#12 has cancelled it[\s\S]+ Amazon +#12 takes the MCF order TTS-\d+-2/,
  stuck: /connector +#13 is now "review" \(mcf_stuck\)[\s\S]+ Amazon +#13 takes the MCF order TTS-\d+-2/,
  renumbered: /connector +#14 [^\n]+ corrects it at TikTok[^\n]+ 1Z\w+ by UPS/,
};

describe('npm run demo -- --once --keep', () => {
  let exitCode = -1;
  let story = '';
  let folder = '';

  beforeAll(async () => {
    const run = promisify(execFile)(process.execPath, [DEMO, '--once', '--keep'], { encoding: 'utf8' });
    const ended = run.then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error: { code: number; stdout: string }) => error,
    );
    const { code, stdout } = await ended;
    exitCode = code;
    story = stdout;
    folder = /are kept in (.+)/.exec(stdout)?.[1] ?? '';
  }, 120_000);
  afterAll(() => {
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  it('ends every order as it should', () => {
    expect(story).toContain('every order ended as it should');
    expect(exitCode).toBe(0);
  });

  it.each(LIVES.map(({ name, shows }) => [shows, name] as const))('tells of %s', (shows, name) => {
    expect(story).toContain(shows);
    // Lines are wrapped where they are long.
    expect(story.replaceAll(/\n +/g, ' ')).toMatch(SIGNS[name]);
  });

  it('leaves nothing of a buyer and no secret in its data and its log', () => {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files).toEqual(
      expect.arrayContaining([join(folder, 'mcf-connector.db'), join(folder, 'service.log')]),
    );
    // The search itself works: what may be kept is found.
    expect(readFileSync(join(folder, 'mcf-connector.db')).includes('TTS-')).toBe(true);
    expect(readFileSync(join(folder, 'service.log')).includes('upstream call')).toBe(true);

    const forbidden = [
      ...SECRETS,
      ...LIVES.flatMap(({ buyer, moved }) => [buyer, moved ?? buyer].flatMap(personalTexts)),
    ];
    const found = files.flatMap((file) => {
      const bytes = readFileSync(file);
      return forbidden.filter((text) => bytes.includes(text)).map((text) => `${file}: ${text}`);
    });
    expect(found).toEqual([]);
  });
});
