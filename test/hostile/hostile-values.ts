import fc from 'fast-check';

/** Names that mean something to an object. */
export const badKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', ''];

/** Values, as JSON text, that a field is unlikely to expect. */
export const badValues = [
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '[[]]',
  '-1',
  '0',
  '-0',
  '1.5',
  '1e308',
  '1e999',
  '1e21',
  '-9007199254740993',
  '9007199254740991',
  '9223372036854775807',
  '18446744073709551616',
  '1767225000000000',
  '123456789012345678901234567890',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\\uFEFF"',
  '"\\r\\nset-cookie: x"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"../../etc/passwd"',
  '"a,b"',
  '"%00"',
  '"\' or 1=1 --"',
  '"*"',
  '"999999999999999"',
  '"99999999999999999999"',
  '"-1"',
  '"1e5"',
  '" 1 "',
  `"${'x'.repeat(5_000)}"`,
  '{"__proto__":{"isPolluted":true}}',
  '{"constructor":{"prototype":{"isPolluted":true}}}',
  '{"toString":1,"valueOf":1}',
  '{"length":-1}',
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Path = (string | number)[];

const pathsOf = (value: Json, at: Path = []): Path[] => {
  if (Array.isArray(value)) return [at, ...value.flatMap((item, index) => pathsOf(item, [...at, index]))];
  if (value !== null && typeof value === 'object')
    return [at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))];
  return [at];
};

type Change = { kind: 'replace' | 'remove' | 'add' | 'double' | 'rename'; value: string; key: string };

/** JSON text of `value` with one change at `path`. Text, so that doubled keys and numbers keep their spelling. */
const write = (value: Json, path: Path, change: Change): string => {
  const [head, ...rest] = path;
  if (head === undefined) {
    if (change.kind === 'add' && value !== null && typeof value === 'object' && !Array.isArray(value))
      return `{${JSON.stringify(change.key)}:${change.value}${entriesText(value, ',')}}`;
    return change.value;
  }
  if (Array.isArray(value)) {
    const items = value.flatMap((item, index) => {
      if (index !== head) return [JSON.stringify(item)];
      if (rest.length === 0 && change.kind === 'remove') return [];
      return [write(item, rest, change)];
    });
    return `[${items.join(',')}]`;
  }
  if (value === null || typeof value !== 'object') return change.value;
  const fields = Object.entries(value).flatMap(([key, item]) => {
    if (key !== head) return [`${JSON.stringify(key)}:${JSON.stringify(item)}`];
    const name = JSON.stringify(key);
    if (rest.length > 0) return [`${name}:${write(item, rest, change)}`];
    if (change.kind === 'remove') return [];
    if (change.kind === 'rename') return [`${JSON.stringify(change.key)}:${JSON.stringify(item)}`];
    if (change.kind === 'double') return [`${name}:${JSON.stringify(item)}`, `${name}:${change.value}`];
    return [`${name}:${write(item, rest, change)}`];
  });
  return `{${fields.join(',')}}`;
};

const entriesText = (value: { [key: string]: Json }, before: string): string =>
  Object.entries(value)
    .map(([key, item]) => `${before}${JSON.stringify(key)}:${JSON.stringify(item)}`)
    .join('');

/** JSON text of one of `samples`, spoiled at up to two places. */
export const mutated = (samples: readonly unknown[]): fc.Arbitrary<string> => {
  const plain: Json[] = samples.map((sample) => JSON.parse(JSON.stringify(sample)));
  const change: fc.Arbitrary<Change> = fc.record({
    kind: fc.constantFrom<Change['kind']>(
      'replace',
      'replace',
      'replace',
      'remove',
      'add',
      'double',
      'rename',
    ),
    value: fc.constantFrom(...badValues),
    key: fc.constantFrom(...badKeys),
  });
  const one = fc
    .record({ sample: fc.nat(), path: fc.nat(), change })
    .map(({ sample, path, change: made }) => {
      const value = plain[sample % plain.length] ?? null;
      const paths = pathsOf(value);
      return write(value, paths[path % paths.length] ?? [], made);
    });
  return one;
};

/** What a polluted prototype would show. */
export const pollutionWitness = (): string[] =>
  [Object.prototype, Array.prototype, Function.prototype, String.prototype].flatMap((prototype) =>
    Object.keys(prototype),
  );
