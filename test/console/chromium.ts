import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const findChromium = (): string | null => {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error('CHROMIUM_PATH names no file');
    return named;
  }
  return USUAL_PLACES.find((path) => existsSync(path)) ?? null;
};

const path = findChromium();

/** Where false, tests in a browser are left out; `CHROMIUM_PATH` says where it is. */
export const hasChromium = path !== null;
if (!hasChromium)
  process.stderr.write('No Chromium was found: tests in a browser are left out. Set CHROMIUM_PATH.\n');

export const launchChromium = (): Promise<Browser> => {
  if (path === null) throw new Error('No Chromium was found. Install it, or set CHROMIUM_PATH.');
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
};
