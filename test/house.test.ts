import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

type SourceFile = { path: string; text: string };

/** `of` and `may` are paths, folders (with a slash at the end) or beginnings of names. */
type ImportRule = { of: string; may: readonly string[] };

const PORTS = [
  'src/channels/channel.ts',
  'src/channels/authorizer.ts',
  'src/channels/checkup.ts',
  'src/fulfillment/provider.ts',
  'src/fulfillment/authorizer.ts',
  'src/store/store.ts',
];
const HTTP_MAY = [
  'src/http/',
  'src/reconcile/',
  'src/orders/',
  'src/inventory/',
  'src/people/',
  'src/shadow/',
  'src/connections/',
  'src/outgoing/',
  'src/doctor/',
  'src/telemetry/',
  'src/lib/',
  ...PORTS,
];
const START = ['src/wiring/', 'src/service.ts', 'src/config/', 'src/lib/'];

/** Who may import whom. The first rule that fits a file counts; a file without one is a fault. */
const IMPORT_RULES: readonly ImportRule[] = [
  { of: 'src/lib/', may: ['src/lib/'] },
  {
    of: 'src/config/write-docs.ts',
    may: [
      'src/config/',
      'src/orders/reason',
      'src/orders/lives-table.ts',
      'src/http/problem-',
      'src/telemetry/metrics-page.ts',
    ],
  },
  { of: 'src/config/', may: ['src/config/'] },
  { of: 'src/version.ts', may: ['package.json'] },
  { of: 'src/channels/channel.ts', may: ['src/lib/'] },
  { of: 'src/fulfillment/provider.ts', may: ['src/lib/'] },
  { of: 'src/channels/checkup.ts', may: ['src/channels/channel.ts'] },
  { of: 'src/channels/authorizer.ts', may: ['src/channels/channel.ts'] },
  { of: 'src/fulfillment/authorizer.ts', may: [] },
  {
    of: 'src/channels/tiktok-shop/',
    may: [
      'src/channels/tiktok-shop/',
      'src/channels/channel.ts',
      'src/channels/authorizer.ts',
      'src/channels/checkup.ts',
      'src/store/store.ts',
      'src/lib/',
    ],
  },
  {
    of: 'src/fulfillment/amazon-mcf/',
    may: [
      'src/fulfillment/amazon-mcf/',
      'src/fulfillment/provider.ts',
      'src/fulfillment/authorizer.ts',
      'src/store/store.ts',
      'src/lib/',
    ],
  },
  { of: 'src/orders/', may: ['src/orders/', 'src/inventory/', 'src/lib/', ...PORTS] },
  { of: 'src/inventory/', may: ['src/orders/', 'src/inventory/', 'src/lib/', ...PORTS] },
  { of: 'src/returns/', may: ['src/returns/', 'src/orders/', 'src/lib/', ...PORTS] },
  {
    of: 'src/reconcile/',
    may: ['src/reconcile/', 'src/orders/', 'src/inventory/', 'src/lib/', ...PORTS],
  },
  { of: 'src/people/', may: ['src/people/', 'src/lib/', ...PORTS] },
  {
    of: 'src/connections/',
    may: [
      'src/connections/',
      'src/people/principal.ts',
      'src/orders/',
      'src/inventory/',
      'src/lib/',
      ...PORTS,
    ],
  },
  { of: 'src/doctor/', may: ['src/doctor/', 'src/orders/', 'src/inventory/', 'src/lib/', ...PORTS] },
  { of: 'src/outgoing/', may: ['src/outgoing/', 'src/orders/', 'src/lib/', ...PORTS] },
  { of: 'src/shadow/', may: ['src/shadow/', 'src/orders/', 'src/lib/', ...PORTS] },
  { of: 'src/telemetry/', may: ['src/telemetry/', 'src/orders/', 'src/lib/', ...PORTS] },
  {
    of: 'src/store/',
    may: [
      'src/store/',
      'src/people/',
      'src/outgoing/records.ts',
      'src/orders/model.ts',
      'src/orders/reasons.ts',
      'src/orders/deadlines.ts',
      'src/orders/order-kinds.ts',
      'src/channels/channel.ts',
      'src/fulfillment/provider.ts',
      'src/lib/',
    ],
  },
  {
    of: 'src/http/',
    may: HTTP_MAY,
  },
  { of: 'src/console/', may: ['src/console/', ...HTTP_MAY] },
  {
    of: 'src/app.ts',
    may: ['src/console/', ...HTTP_MAY],
  },
  { of: 'src/wiring/', may: ['src/'] },
  { of: 'src/alerts/', may: ['src/alerts/', 'src/orders/', 'src/lib/', ...PORTS] },
  { of: 'src/service.ts', may: ['src/alerts/rounds.ts', 'src/reconcile/', ...START] },
  { of: 'src/backup.ts', may: ['src/store/backup.ts', 'src/config/', 'src/lib/'] },
  {
    of: 'src/cli/',
    may: [
      'src/cli/',
      'src/config/',
      'src/store/backup.ts',
      'src/wiring/doctor-alone.ts',
      'src/people/principal.ts',
      'src/version.ts',
      'src/lib/',
    ],
  },
  { of: 'src/main.ts', may: ['src/store/store.ts', ...START] },
  // The reasons are words for people, and the demo speaks to them.
  { of: 'src/sandbox/demo', may: ['src/sandbox/', 'src/orders/reasons.ts', ...START] },
  {
    of: 'src/sandbox/amazon/',
    may: ['src/sandbox/amazon/', 'src/sandbox/faults.ts', 'src/sandbox/http.ts', 'src/lib/'],
  },
  {
    of: 'src/sandbox/tiktok-shop/',
    may: ['src/sandbox/tiktok-shop/', 'src/sandbox/faults.ts', 'src/sandbox/http.ts', 'src/lib/'],
  },
  { of: 'src/sandbox/', may: ['src/sandbox/faults.ts', 'src/sandbox/http.ts', 'src/lib/'] },
];

/** Packages with one home: everything else goes through it. */
const PACKAGE_HOMES: Readonly<Record<string, readonly string[]>> = {
  axios: ['src/lib/http-client.ts'],
  nock: ['test/http-mock.ts'],
  kysely: ['src/store/', 'test/'],
  'node:sqlite': ['src/store/', 'test/'],
};

/** Time, chance and the environment come through one door. `also`: the few places that need their own. */
const GLOBALS: readonly { pattern: RegExp; name: string; home: string; also: readonly string[] }[] = [
  {
    pattern: /\bprocess\.env\b/,
    name: 'process.env',
    home: 'src/config/',
    also: ['src/main.ts', 'src/backup.ts', 'src/cli', 'src/sandbox/demo'],
  },
  { pattern: /\bDate\.now\b|\bnew Date\(\)/, name: 'Date.now', home: 'src/lib/clock.ts', also: [] },
  { pattern: /\bMath\.random\b/, name: 'Math.random', home: 'src/lib/clock.ts', also: ['src/wiring/'] },
  {
    pattern: /\bset(?:Timeout|Interval)\b/,
    name: 'setTimeout or setInterval',
    home: 'src/lib/clock.ts',
    // The last seconds before the process ends are the machine's; the simulators' faults delay real answers.
    also: ['src/service.ts', 'src/sandbox/faults.ts', 'src/sandbox/demo'],
  },
];

const MAX_LINES = 300;
/** Catalogues are read row by row, so their length says nothing. */
const CATALOGUES = ['src/config/variables.ts', 'src/orders/reasons.ts', 'src/http/problem-codes.ts'];

const readSources = (folder: string): SourceFile[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const isForTests = (path: string): boolean => path.endsWith('.test.ts') || path.includes('/fixtures/');
const liesIn = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path.startsWith(place));
const codeOf = ({ text }: SourceFile): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
const importsOf = (file: SourceFile): string[] =>
  [...codeOf(file).matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');

const importFaults = (file: SourceFile): string[] => {
  const rule = IMPORT_RULES.find(({ of }) => file.path.startsWith(of));
  if (!rule) return [`${file.path}: no import rule names its place; add one to test/house.test.ts`];
  const may = isForTests(file.path) ? [...rule.may, 'test/'] : rule.may;
  return importsOf(file)
    .filter((target) => target.startsWith('.'))
    .map((target) => normalize(join(dirname(file.path), target)))
    .filter((target) => !liesIn(target, may))
    .map((target) => `${file.path}: imports ${target}, but ${rule.of} may import only ${may.join(', ')}`);
};

const packageFaults = (file: SourceFile): string[] =>
  importsOf(file).flatMap((target) => {
    const homes = PACKAGE_HOMES[target];
    return homes && !liesIn(file.path, homes)
      ? [`${file.path}: imports ${target}, which only ${homes.join(', ')} may`]
      : [];
  });

const globalFaults = (file: SourceFile): string[] =>
  isForTests(file.path)
    ? []
    : GLOBALS.filter(
        ({ pattern, home, also }) => !liesIn(file.path, [home, ...also]) && pattern.test(codeOf(file)),
      ).map(
        ({ name, home, also }) => `${file.path}: uses ${name}, which only ${[home, ...also].join(', ')} may`,
      );

const lengthFaults = ({ path, text }: SourceFile): string[] => {
  const lines = text.trimEnd().split('\n').length;
  return !isForTests(path) && !CATALOGUES.includes(path) && lines > MAX_LINES
    ? [`${path}: has ${lines} lines; a file has ${MAX_LINES} at most`]
    : [];
};

describe('the house', () => {
  const sources = readSources('src');
  // This file quotes what others may not write.
  const all = [...sources, ...readSources('test').filter(({ path }) => path !== 'test/house.test.ts')];

  it('every file imports only what its place may', () => {
    expect(sources.flatMap(importFaults)).toEqual([]);
  });

  it('packages with one home are imported there only', () => {
    expect(all.flatMap(packageFaults)).toEqual([]);
  });

  it('time, chance and the environment come through one door', () => {
    expect(sources.flatMap(globalFaults)).toEqual([]);
  });

  it(`no file has over ${MAX_LINES} lines`, () => {
    expect(sources.flatMap(lengthFaults)).toEqual([]);
  });

  it('every rule names a place that exists', () => {
    const paths = all.map(({ path }) => path);
    const places = [
      ...IMPORT_RULES.flatMap(({ of, may }) => [of, ...may]),
      ...GLOBALS.flatMap(({ home, also }) => [home, ...also]),
    ];
    const optional = ['package.json', 'src/sandbox/demo'];
    expect(
      places.filter((place) => !optional.includes(place) && !paths.some((path) => path.startsWith(place))),
    ).toEqual([]);
  });
});

/** A rule that cannot fail holds nothing. */
describe('the rules of the house can fail', () => {
  it.each([
    ['src/orders/x.ts', "import { a } from '../channels/tiktok-shop/index.ts';"],
    ['src/orders/x.ts', "import type { A } from '../http/limits.ts';"],
    ['src/orders/x.ts', "import { a } from '../store/open.ts';"],
    ['src/orders/x.test.ts', "import { a } from '../wiring/index.ts';"],
    ['src/inventory/x.ts', "export { a } from '../fulfillment/amazon-mcf/map.ts';"],
    ['src/channels/tiktok-shop/x.ts', "import { a } from '../../fulfillment/amazon-mcf/errors.ts';"],
    ['src/channels/tiktok-shop/x.ts', "import { a } from '../../fulfillment/provider.ts';"],
    ['src/fulfillment/amazon-mcf/x.ts', "import {\n  a,\n} from '../../orders/model.ts';"],
    ['src/fulfillment/amazon-mcf/x.ts', "import { a } from '../../store/tokens.ts';"],
    ['src/http/x.ts', "const { a } = await import('../wiring/index.ts');"],
    ['src/store/x.ts', "import { a } from '../orders/decide.ts';"],
    ['src/lib/x.ts', "import '../config/load.ts';"],
    ['src/lib/x.ts', "import { a } from '../../test/http-mock.ts';"],
    ['src/sandbox/amazon/x.ts', "import { a } from '../../fulfillment/amazon-mcf/map.ts';"],
    ['src/sandbox/amazon/x.ts', "import { a } from '../tiktok-shop/index.ts';"],
    ['src/sandbox/demo.ts', "import { a } from '../orders/decide.ts';"],
    ['src/main.ts', "import { a } from './store/open.ts';"],
    ['src/backup.ts', "import { a } from './wiring/index.ts';"],
    ['src/new-place/x.ts', ''],
  ])('imports of %s: %j', (path, text) => {
    expect(importFaults({ path, text })).toEqual([expect.stringContaining(path)]);
  });

  it.each([
    ['src/orders/x.ts', "import axios from 'axios';"],
    ['test/e2e/x.test.ts', "import nock from 'nock';"],
    ['src/orders/x.ts', "import { sql } from 'kysely';"],
    ['src/http/x.ts', "import { DatabaseSync } from 'node:sqlite';"],
  ])('packages of %s: %j', (path, text) => {
    expect(packageFaults({ path, text })).toEqual([expect.stringContaining(path)]);
  });

  it.each([
    ['src/orders/x.ts', "const a = process.env['A'];"],
    ['src/wiring/index.ts', 'const a = Date.now();'],
    ['src/orders/x.ts', 'const a = new Date();'],
    ['src/orders/x.ts', 'const a = Math.random();'],
    ['src/reconcile/x.ts', "import { setTimeout as delay } from 'node:timers/promises';"],
    ['src/sandbox/amazon/x.ts', 'setInterval(run, 5); // often'],
  ])('globals of %s: %j', (path, text) => {
    expect(globalFaults({ path, text })).toEqual([expect.stringContaining(path)]);
  });

  it('lines', () => {
    const path = 'src/orders/x.ts';

    expect(lengthFaults({ path, text: 'a\n'.repeat(MAX_LINES) })).toEqual([]);
    expect(lengthFaults({ path, text: 'a\n'.repeat(MAX_LINES + 1) })).toEqual([
      expect.stringContaining(path),
    ]);
  });

  it('words in comments are not code', () => {
    const text = '/** Not Date.now. */\n// nor Math.random\nconst a = 1; // setTimeout';

    expect(globalFaults({ path: 'src/orders/x.ts', text })).toEqual([]);
  });
});
