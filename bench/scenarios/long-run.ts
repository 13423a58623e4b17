import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, Row } from '../lib/context.ts';
import { residentMib } from '../lib/proc.ts';
import { type Slope, slopeOf } from '../lib/stats.ts';
import { loadOnce } from '../lib/turns.ts';
import { startSimulators } from '../lib/upstreams.ts';
import { count, mib } from '../report.ts';

const PER_SECOND = 4_000;
const SAMPLES = 40;
const PER_WEBHOOKS = 100_000;
/** Within this, growth is none, however small its error. */
const MOST_MIB = 2;
const REST_MS = 5_000;

type Sample = { webhooks: number; mib: number };

/** Samples in even steps from the first request on, for as long as the load runs. */
const startSampling = (samples: Sample[], webhooks: number, pid: number): AbortController => {
  const ended = new AbortController();
  const startMs = performance.now();
  const run = async (): Promise<void> => {
    for (let at = 1; at <= SAMPLES; at += 1) {
      const due = (webhooks * at) / SAMPLES;
      await sleep(Math.max(0, startMs + (due * 1_000) / PER_SECOND - performance.now()));
      if (ended.signal.aborted) return;
      samples.push({ webhooks: due, mib: residentMib(pid) });
    }
  };
  // A server that died is told by its ledger.
  run().catch(() => undefined);
  return ended;
};

const rowOf = (context: Context, webhooks: number, samples: readonly Sample[], atRestMib: number): Row => {
  const second = samples.slice(Math.floor(samples.length / 2));
  const fitted = slopeOf(second.map((sample) => ({ x: sample.webhooks / PER_WEBHOOKS, y: sample.mib })));
  const most = Math.max(...samples.map((sample) => sample.mib));
  return {
    name: `long-run: memory over ${count(webhooks)} webhooks at ${count(PER_SECOND)}/s, most / 5 s after`,
    floor: '',
    service: `${mib(most)} / ${mib(atRestMib)}`,
    ratio: slopeText(fitted),
    // A short run ends before the heap has found its size.
    target: context.quick
      ? null
      : {
          text: `growth in the second half within 2 standard errors or < ${MOST_MIB} MiB per ${count(PER_WEBHOOKS)}`,
          met: fitted.perX < MOST_MIB || Math.abs(fitted.perX) <= 2 * fitted.standardError,
        },
    figures: { slope: fitted, atRestMib },
    charts: [
      {
        title: 'Resident memory of the service over a long run',
        x: { name: 'webhooks', values: samples.map((sample) => sample.webhooks) },
        lines: [
          { name: 'resident memory', unit: 'MiB', values: samples.map((sample) => Math.round(sample.mib)) },
        ],
      },
    ],
  };
};

const slopeText = ({ perX, standardError }: Slope): string =>
  `${perX.toFixed(1)} ± ${standardError.toFixed(1)} MiB per ${count(PER_WEBHOOKS)}`;

/**
 * Memory while webhooks about distinct orders keep coming. The simulators answer, and know none of the orders: the
 * worker reads them all the while.
 */
export const measureLongRun = async (context: Context): Promise<Row[]> => {
  const webhooks = context.quick ? 20_000 : 200_000;
  const simulators = await startSimulators();
  const [here] = context.disks;
  if (!here) return [];
  const samples: Sample[] = [];
  let atRestMib = Number.NaN;
  let sampling = new AbortController();
  try {
    await loadOnce(
      context,
      { kind: 'service', disk: here, env: simulators.env },
      {
        mode: { kind: 'rate', perSecond: PER_SECOND },
        count: webhooks,
        durationMs: (webhooks / PER_SECOND) * 1_000,
        shopId: simulators.tiktok.shop.id,
        onSending({ pid }) {
          sampling = startSampling(samples, webhooks, pid);
        },
        async beforeEnd({ pid }) {
          sampling.abort();
          await sleep(REST_MS);
          atRestMib = residentMib(pid);
        },
      },
    );
    return [rowOf(context, webhooks, samples, atRestMib)];
  } finally {
    sampling.abort();
    await simulators.close();
  }
};
