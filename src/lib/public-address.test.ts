import { describe, expect, it } from 'vitest';
import { isPublicAddress, lookupPublic, requirePublicHost } from './public-address.ts';

describe('addresses that strangers may name', () => {
  it.each(['1.1.1.1', '100.63.255.255', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:1.1.1.1',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]:8443/x',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
  ])('a URL cannot hide one: %s', (url) => {
    expect(() => requirePublicHost(url)).toThrow('not a public one');
  });

  it('a name is left to the lookup of its connection', () => {
    expect(() => requirePublicHost('https://hooks.example.com/x')).not.toThrow();
  });

  it.each([true, false])('a name that leads into this machine has no address (all: %s)', async (all) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    lookupPublic('localhost', { all }, (error) => resolve(error));

    expect(await promise).toMatchObject({ code: 'ADDRESS_NOT_PUBLIC' });
  });
});
