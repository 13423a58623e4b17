import { beforeEach, describe, expect, it } from 'vitest';
import { factsOf, groupOf, sideOf } from '../../test/alert-facts.ts';
import { createHeldClock, type HeldClock } from '../../test/held-clock.ts';
import { AT_RISK_MS } from '../orders/deadlines.ts';
import { createAlerter, type Destination } from './alerter.ts';
import type { Facts } from './conditions.ts';
import type { Message } from './message.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const unmapped = (count: number): Facts => factsOf({ reviews: new Map([['sku_unmapped', groupOf(count)]]) });
const amazonIs = (state: 'ok' | 'failing' | 'stopped', isKnown = true): Facts =>
  factsOf({ sides: [sideOf('amazon-mcf', { state, isKnown })] });

describe('the alerter', () => {
  let clock: HeldClock;
  let facts: Facts;
  let cursors: Map<string, string>;
  let faults: unknown[];
  let undelivered: string[];

  beforeEach(() => {
    clock = createHeldClock();
    facts = factsOf();
    cursors = new Map();
    faults = [];
    undelivered = [];
  });

  const destination = (name: string): Destination & { messages: Message[]; isDown: boolean } => {
    const own = {
      name,
      messages: [] as Message[],
      isDown: false,
      async deliver(message: Message) {
        if (own.isDown) throw new Error('down');
        own.messages.push(message);
      },
    };
    return own;
  };

  const alerterOver = (...destinations: Destination[]) =>
    createAlerter({
      destinations,
      facts: async () => facts,
      store: {
        cursors: {
          get: async (name) => cursors.get(name) ?? null,
          set: async (name, value) => void cursors.set(name, value),
        },
      },
      clock,
      onUndelivered: (name) => undelivered.push(name),
      onFault: (error) => faults.push(error),
    });

  /** Runs rounds over time and answers what each of them said. */
  const open = () => {
    const slack = destination('webhook');
    let alerter = alerterOver(slack);
    return {
      slack,
      restart: () => {
        alerter = alerterOver(slack);
      },
      round: async (next: Facts, afterMs = MINUTE_MS): Promise<string[]> => {
        await clock.advance(afterMs);
        facts = next;
        await alerter.round();
        return slack.messages.splice(0).map(({ text }) => text);
      },
    };
  };

  it('says nothing while all is well, and stores nothing', async () => {
    const { round } = open();

    expect(await round(factsOf())).toEqual([]);
    expect(cursors.size).toBe(0);
  });

  it('tells a condition once, with its count, and its end once', async () => {
    const { round } = open();

    expect(await round(unmapped(10))).toEqual([expect.stringContaining('10 orders')]);
    expect(await round(unmapped(10))).toEqual([]);
    expect(await round(factsOf())).toEqual([
      expect.stringContaining('[RECOVERED] In review: SKU not mapped'),
    ]);
    expect(await round(factsOf())).toEqual([]);
  });

  it('puts what comes at once into one message', async () => {
    const { round } = open();
    const both = factsOf({ breached: groupOf(1), reviews: new Map([['mcf_no_stock', groupOf(2)]]) });

    const [text, ...more] = await round(both);

    expect(more).toEqual([]);
    expect(text).toContain('mcf-connector: Deadline missed, and 1 more');
    expect(text).toContain('[CRITICAL] Deadline missed');
    expect(text).toContain('[WARNING] In review: No stock at Amazon');
  });

  it('tells a condition again once its count has doubled, not sooner than ten minutes later', async () => {
    const { round } = open();
    await round(unmapped(5));

    expect(await round(unmapped(40))).toEqual([]);
    expect(await round(unmapped(9), 10 * MINUTE_MS)).toEqual([]);
    expect(await round(unmapped(10))).toEqual([expect.stringMatching(/WARNING, since 20.*\n10 orders/)]);
    expect(await round(unmapped(19), 10 * MINUTE_MS)).toEqual([]);
  });

  it('tells what lasts again every six hours, which is well before a deadline at risk is missed', async () => {
    const { round } = open();
    const atRisk = factsOf({ atRisk: groupOf(1) });
    await round(atRisk);

    expect(await round(atRisk, 6 * HOUR_MS - 1)).toEqual([]);
    expect(await round(atRisk, 1)).toHaveLength(1);
    expect(await round(atRisk, 6 * HOUR_MS - 1)).toEqual([]);
    expect(AT_RISK_MS).toBeGreaterThan(6 * HOUR_MS + MINUTE_MS);
  });

  it('tells at once that something became critical', async () => {
    const { round } = open();
    const stock = sideOf('amazon-mcf/stock', { state: 'stopped' });
    await round(factsOf({ sides: [sideOf('amazon-mcf'), stock] }));

    const all = factsOf({ sides: [sideOf('amazon-mcf', { state: 'stopped' }), stock] });
    expect(await round(all)).toEqual([expect.stringContaining('[CRITICAL, since')]);
    expect(await round(all)).toEqual([]);
  });

  it('neither repeats nor forgets over a restart', async () => {
    const { round, restart } = open();
    await round(unmapped(1));

    restart();
    expect(await round(unmapped(1))).toEqual([]);
    restart();
    expect(await round(factsOf())).toEqual([expect.stringContaining('RECOVERED')]);
  });

  it.each([
    ['was not called since the start', amazonIs('ok', false)],
    ['does not exist yet', factsOf()],
    ['now fails in another way', amazonIs('failing')],
  ])('does not take a stopped side for recovered that %s', async (_, unclear) => {
    const { round, restart } = open();
    await round(amazonIs('stopped'));
    restart();

    expect(await round(unclear)).toEqual([]);
    expect(await round(amazonIs('stopped'))).toEqual([]);
    expect(await round(amazonIs('ok'))).toEqual([expect.stringContaining('[RECOVERED] amazon-mcf')]);
  });

  it('tells in the next round what could not be delivered, as it then is', async () => {
    const { round, slack } = open();
    slack.isDown = true;
    expect(await round(unmapped(1))).toEqual([]);
    expect(undelivered).toEqual(['webhook']);

    slack.isDown = false;
    expect(await round(unmapped(2))).toEqual([expect.stringContaining('[WARNING] In review')]);
    slack.isDown = true;
    await round(factsOf());
    slack.isDown = false;
    expect(await round(factsOf())).toEqual([expect.stringContaining('RECOVERED')]);
    expect(faults).toEqual([]);
  });

  it('keeps what each destination was told, so that one which is down costs the others nothing', async () => {
    const [slack, mail] = [destination('webhook'), destination('mail')];
    const alerter = alerterOver(slack, mail);
    mail.isDown = true;
    facts = unmapped(1);

    await alerter.round();
    await alerter.round();
    mail.isDown = false;
    await alerter.round();

    expect(slack.messages).toHaveLength(1);
    expect(mail.messages).toEqual(slack.messages);
    expect(undelivered).toEqual(['mail', 'mail']);
  });

  it.each(['{', '[]', '{"webhook":{"review/sku_unmapped":{"count":"many"}}}'])(
    'says it twice rather than never when what is stored cannot be read: %s',
    async (stored) => {
      const { round } = open();
      cursors.set('alerts', stored);

      expect(await round(unmapped(1))).toHaveLength(1);
      expect(await round(unmapped(1))).toEqual([]);
    },
  );

  it('reports a round that cannot look, and goes on with the next', async () => {
    const slack = destination('webhook');
    let isBroken = true;
    const alerter = createAlerter({
      destinations: [slack],
      facts: async () => {
        if (isBroken) throw new Error('no store');
        return unmapped(1);
      },
      store: { cursors: { get: async () => null, set: async () => undefined } },
      clock,
      onUndelivered: (name) => undelivered.push(name),
      onFault: (error) => faults.push(error),
    });

    await alerter.round();
    isBroken = false;
    await alerter.round();

    expect(faults).toHaveLength(1);
    expect(slack.messages).toHaveLength(1);
  });
});
