import { describe, expect, it } from 'vitest';
import { factsOf, groupOf } from '../../test/alert-facts.ts';
import { createHeldClock } from '../../test/held-clock.ts';
import { type AlertOptions, createAlerts } from './index.ts';

const optionsOf = (over: Partial<AlertOptions>) => {
  const posted: string[] = [];
  const warnings: unknown[] = [];
  const { sides: _, ...facts } = factsOf({ breached: groupOf(1) });
  const options = {
    webhookUrl: undefined,
    smtpUrl: undefined,
    mailFrom: undefined,
    mailTo: undefined,
    http: {
      send: async ({ url }: { url: string }) => {
        posted.push(url);
        return { status: 200, headers: {}, text: '' };
      },
      close: () => undefined,
    },
    store: {
      orders: { alertFacts: async () => facts },
      shops: { all: async () => [] },
      outgoing: { endpoints: async () => [] },
      cursors: { get: async () => null, set: async () => undefined },
    },
    sides: () => [],
    clock: createHeldClock(),
    logger: { warn: (fields: unknown) => void warnings.push(fields) },
    onFault: (error: unknown) => {
      throw error;
    },
    dailyReport: () => Promise.resolve(null),
    ...over,
  } as unknown as AlertOptions;
  return { options, posted, warnings };
};

describe('alerts', () => {
  it('are nothing at all when no destination is configured', () => {
    expect(createAlerts(optionsOf({}).options)).toBeNull();
  });

  it('go to every destination that is configured; one that fails is named in the log without its URL', async () => {
    const { options, posted, warnings } = optionsOf({
      webhookUrl: 'https://hooks.example.com/x',
      smtpUrl: 'smtp://user:pw@127.0.0.1:1',
      mailFrom: 'mcf@example.com',
      mailTo: ['one@example.com'],
    });

    await createAlerts(options)?.round();

    expect(posted).toEqual(['https://hooks.example.com/x']);
    expect(warnings).toEqual([
      {
        destination: 'mail',
        code: 'upstream_unreachable',
        message: 'alert-mail: the mail was not taken (ESOCKET)',
      },
    ]);
  });
});
