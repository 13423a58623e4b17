import { describe, expect, it } from 'vitest';
import { areas, destinationOf, refusalOf, valueOf } from './fixtures.ts';

describe('the United States', () => {
  it.each([
    ['Illinois', 'IL'],
    ['il', 'IL'],
    ['N.Y.', 'NY'],
    ['New York State', 'NY'],
    ['State of  Hawaiʻi', 'HI'],
    ['Commonwealth of Massachusetts', 'MA'],
    ['Washington, D.C.', 'DC'],
    ['WASHINGTON', 'WA'],
    ['Puerto Rico', 'PR'],
    ['U.S. Virgin Islands', 'VI'],
  ])('state %o is %s', (name, code) => {
    expect(valueOf({ districts: areas({ L1: name, L3: 'Springfield' }) }).stateOrRegion).toBe(code);
  });

  it.each(['Illinoy', 'Ontario', '??'])('refuses the state %o', (name) => {
    expect(refusalOf({ districts: areas({ L1: name, L3: 'Springfield' }) })).toEqual([
      'address_invalid',
      'state',
    ]);
  });

  it.each([
    [' 62701 ', '62701'],
    ['62701-1234', '62701-1234'],
    ['627011234', '62701-1234'],
    ['62701 1234', '62701-1234'],
    ['62701–1234', '62701-1234'],
    ['６２７０１', '62701'],
  ])('ZIP %o is %s', (postalCode, expected) => {
    expect(valueOf({ postalCode }).postalCode).toBe(expected);
  });

  it.each(['2138', '6270', '62701-12', 'ABCDE'])('refuses the ZIP %o', (postalCode) => {
    expect(refusalOf({ postalCode })).toEqual(['address_invalid', 'postalCode']);
  });

  it('finds city and state by the name of their level', () => {
    const districts = [
      { level: '', levelName: 'State', name: 'Illinois' },
      { level: '', levelName: 'City', name: 'Springfield' },
    ];

    expect(valueOf({ districts })).toEqual(destinationOf());
  });

  it('lets a military city go with a military state only', () => {
    const military = areas({ L1: 'Armed Forces Europe', L3: 'APO' });

    expect(valueOf({ districts: military })).toMatchObject({ city: 'APO', stateOrRegion: 'AE' });
    expect(refusalOf({ districts: areas({ L1: 'Illinois', L3: 'FPO' }) })).toEqual([
      'address_invalid',
      'state',
    ]);
    expect(refusalOf({ districts: areas({ L1: 'AP', L3: 'Tokyo' }) })).toEqual(['address_invalid', 'state']);
  });
});

describe('other countries', () => {
  it.each([
    ['Québec', 'h2x1y4', 'QC', 'H2X 1Y4'],
    ['Ontario', 'M5V-3L9', 'ON', 'M5V 3L9'],
    ['Colombie-Britannique', 'V6B 1A1', 'BC', 'V6B 1A1'],
  ])('Canada: %s, %s', (province, postalCode, stateOrRegion, expected) => {
    const districts = areas({ L1: province, L3: 'Somewhere' });

    expect(valueOf({ countryCode: 'CA', districts, postalCode }, 'CA')).toMatchObject({
      stateOrRegion,
      postalCode: expected,
    });
  });

  it('Britain: post town, spaced postcode, county but no state', () => {
    const districts = areas({ L0: 'United Kingdom', L1: 'England', L2: 'Surrey' });
    const changes = { countryCode: 'UK', districts, postTown: 'Guildford', postalCode: 'gu14xy' };
    const value = valueOf(changes, 'GB');

    expect(value).toMatchObject({
      city: 'Guildford',
      districtOrCounty: 'Surrey',
      postalCode: 'GU1 4XY',
      countryCode: 'GB',
    });
    expect(value).not.toHaveProperty('stateOrRegion');
  });

  it('Britain: without a post town the best area below the country is the city', () => {
    const districts = areas({ L1: 'England', L2: 'Greater London' });
    const value = valueOf({ countryCode: 'GB', districts, postalCode: 'SW1A 1AA' }, 'UK');

    expect(value.city).toBe('Greater London');
    expect(value).not.toHaveProperty('districtOrCounty');
  });

  it.each([
    ['DE', '10115', '10115'],
    ['FR', '75001', '75001'],
    ['NL', '1234ab', '1234 AB'],
    ['PL', '00950', '00-950'],
    ['SE', '12345', '123 45'],
    ['IE', 'D02 AF30', 'D02 AF30'],
  ])('%s: postal code %s is %s, the state is optional', (countryCode, postalCode, expected) => {
    const value = valueOf({ countryCode, postalCode, districts: areas({ L3: 'Köln' }) }, countryCode);

    expect(value).toMatchObject({ city: 'Köln', postalCode: expected });
    expect(value).not.toHaveProperty('stateOrRegion');
  });

  it.each([
    ['DE', '1011'],
    ['IT', '0010A'],
    ['ES', '280011'],
    ['NL', '0123 AB'],
    ['CA', 'D1A 1A1'],
    ['GB', '12345'],
    ['AU', '20000'],
    ['MX', '0600'],
    ['BR', '01310'],
    ['JP', '12345'],
  ])('%s: refuses the postal code %s', (countryCode, postalCode) => {
    const state = countryCode === 'AU' ? 'NSW' : 'Quebec';
    const districts = areas({ L1: state, L3: 'Town' });

    expect(refusalOf({ countryCode, postalCode, districts }, countryCode)).toEqual([
      'address_invalid',
      'postalCode',
    ]);
  });

  it('Germany: passes the state through as it is', () => {
    const districts = areas({ L1: 'Bayern', L3: 'München' });

    expect(valueOf({ countryCode: 'DE', districts, postalCode: '80331' }, 'DE').stateOrRegion).toBe('Bayern');
  });

  it('Brazil: state by name, neighbourhood as district', () => {
    const districts = [
      ...areas({ L1: 'São Paulo', L3: 'Campinas' }),
      { level: 'L4', levelName: 'Bairro', name: 'Cambuí' },
    ];

    expect(valueOf({ countryCode: 'BR', districts, postalCode: '13025000' }, 'BR')).toMatchObject({
      city: 'Campinas',
      districtOrCounty: 'Cambuí',
      stateOrRegion: 'São Paulo',
      postalCode: '13025-000',
    });
  });

  it('Australia: state by code', () => {
    const districts = areas({ L1: 'New South Wales', L3: 'Sydney' });

    expect(valueOf({ countryCode: 'AU', districts, postalCode: '2000' }, 'AU').stateOrRegion).toBe('NSW');
  });

  it('Japan: its own script, no city, the ward in the lines', () => {
    const districts = areas({ L0: '日本', L1: '東京都', L2: '渋谷区' });
    const changes = {
      name: '山田 太郎',
      countryCode: '',
      districts,
      lines: ['道玄坂1-2-3'],
      detail: '',
      postalCode: '１５０００４３',
      phone: '',
    };

    expect(valueOf(changes, 'JP')).toEqual({
      name: '山田 太郎',
      addressLine1: '渋谷区',
      addressLine2: '道玄坂1-2-3',
      stateOrRegion: '東京都',
      postalCode: '150-0043',
      countryCode: 'JP',
    });
    expect(valueOf({ ...changes, lines: ['渋谷区道玄坂1-2-3'] }, 'JP').addressLine1).toBe(
      '渋谷区道玄坂1-2-3',
    );
  });

  it('Japan: refuses an area that cannot be printed', () => {
    const districts = areas({ L1: '東京都', L2: '\uFFFD区' });

    expect(refusalOf({ countryCode: 'JP', districts, postalCode: '150-0043' }, 'JP')).toEqual([
      'address_unsupported_characters',
      'city',
    ]);
  });
});
