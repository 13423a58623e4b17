import { describe, expect, it } from 'vitest';
import { eventDetail, eventWords } from './event-words.ts';

describe('events of an order in words', () => {
  it('a stage is named with the title of its reason, and what is particular to it stays', () => {
    expect(eventWords('stage_review')).toEqual({ words: 'Now review', tone: 'bad' });
    expect(eventDetail('stage_review', 'address_masked')).not.toContain('address_masked');
    expect(eventDetail('stage_review', 'sku_unmapped: SKU: A')).toMatch(/: SKU: A$/);
  });

  it('an event or a reason without words keeps its code', () => {
    expect(eventWords('something_new').words).toBe('something new');
    expect(eventDetail('stage_review', 'reason_of_tomorrow: x')).toBe('reason_of_tomorrow: x');
    expect(eventDetail('created', 'address_masked')).toBe('address_masked');
  });
});
