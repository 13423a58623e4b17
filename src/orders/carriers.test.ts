import { describe, expect, it } from 'vitest';
import { CARRIERS, parcelOf } from '../../test/fakes.ts';
import { chooseNumber, resolveCarrier } from './carriers.ts';

const OFFERED = [
  'UPS',
  'USPS',
  'FedEx',
  'OnTrac',
  'DHL eCommerce',
  'DHL Express',
  'Royal Mail',
  'DPD UK',
  'Hermes',
  'Yodel',
  'Amazon Logistics',
  'Pigeon Post',
].map((name) => ({ carrierId: `id of ${name}`, name }));

const nameFor = (code: string | null, number: string, offered = OFFERED): string | null => {
  const carrier = resolveCarrier(code, number, offered);
  return carrier.ok ? carrier.value.name : null;
};

describe('the carrier of a number', () => {
  it.each([
    ['AMZN_US', 'Amazon Logistics'],
    ['AMZL', 'Amazon Logistics'],
    ['Amazon Logistics', 'Amazon Logistics'],
    ['UPS_MI', 'UPS'],
    ['ups', 'UPS'],
    ['USPS', 'USPS'],
    ['FedEx', 'FedEx'],
    ['FEDEX_SMARTPOST', 'FedEx'],
    ['LASERSHIP', 'OnTrac'],
    ['ONTRAC', 'OnTrac'],
    ['DHL', 'DHL Express'],
    ['DHL_GLOBAL_MAIL', 'DHL eCommerce'],
    ['Royal Mail', 'Royal Mail'],
    ['DPD_UK', 'DPD UK'],
    ['MYHERMES', 'Hermes'],
    ['EVRI', 'Hermes'],
    ['YODEL', 'Yodel'],
  ])('is known by Amazon’s code %s', (code, name) => {
    expect(nameFor(code, 'no-form')).toBe(name);
  });

  it.each([
    ['AFTN123456', 'Amazon Logistics'],
    ['TBA123456789012', 'Amazon Logistics'],
    ['1Z999AA10123456784', 'UPS'],
    ['EA123456789US', 'USPS'],
    ['9400111899223197428490', 'USPS'],
    ['420627019400111899223197428490', 'USPS'],
    ['C12345678901234', 'OnTrac'],
    ['1LSABCDEFGHIJK1', 'OnTrac'],
    ['JJD01234567890123456', 'DHL Express'],
    ['GM1234567890123456', 'DHL eCommerce'],
    ['AB123456789GB', 'Royal Mail'],
    ['9612345678901234567890', 'FedEx'],
  ])('is guessed by the form of %s when Amazon names none', (number, name) => {
    expect(nameFor(null, number)).toBe(name);
  });

  it('is the one Amazon names rather than the one its form suggests', () => {
    expect(nameFor('FEDEX', '1Z999AA10123456784')).toBe('FedEx');
  });

  it('may be one that only TikTok and Amazon know by the same name', () => {
    expect(nameFor('PIGEON_POST', 'coo')).toBe('Pigeon Post');
  });

  it('is any that names Amazon when no spelling is known', () => {
    expect(nameFor('AMZN_US', 'TBA1', [{ carrierId: '1', name: 'Shipping by Amazon MCF' }])).toBe(
      'Shipping by Amazon MCF',
    );
  });

  it('that is known but not offered is refused, with what is offered', () => {
    const carrier = resolveCarrier('YODEL', 'x', CARRIERS);

    expect(carrier).toEqual({
      ok: false,
      problem: {
        reason: 'carrier_unknown',
        detail: 'Amazon names YODEL; TikTok offers: UPS, USPS, Amazon Logistics.',
      },
    });
  });

  it('that nobody knows is refused, never guessed', () => {
    expect(resolveCarrier(null, '12345', [])).toEqual({
      ok: false,
      problem: { reason: 'carrier_unknown', detail: 'Amazon names no carrier; TikTok offers: none.' },
    });
  });
});

describe('the number of a parcel', () => {
  const both = parcelOf({ carrierCode: 'UPS', carrierTracking: '1Z', amazonTracking: 'AFTN1' });

  it.each([
    { guarantee: 'is the carrier’s where both exist', parcel: both, prefer: false, number: '1Z' },
    { guarantee: 'is Amazon’s own where it is preferred', parcel: both, prefer: true, number: 'AFTN1' },
    {
      guarantee: 'is the carrier’s where it is the only one',
      parcel: parcelOf({ carrierCode: 'UPS', carrierTracking: '1Z' }),
      prefer: true,
      number: '1Z',
    },
    {
      guarantee: 'is Amazon’s own where it is the only one',
      parcel: parcelOf({ amazonTracking: 'AFTN1' }),
      prefer: false,
      number: 'AFTN1',
    },
  ])('$guarantee', ({ parcel, prefer, number }) => {
    expect(chooseNumber(parcel, prefer)?.trackingNumber).toBe(number);
  });

  it('is none while there is none', () => {
    expect(chooseNumber(parcelOf(), true)).toBeNull();
  });
});
