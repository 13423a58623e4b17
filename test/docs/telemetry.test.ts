import { readFileSync } from 'node:fs';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../src/telemetry/catalogue.ts';
import { DIFFERENCES } from '../../src/telemetry/compare-day.ts';
import { metricsPage } from '../../src/telemetry/metrics-page.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const RULES = read('docs/prometheus-alerts.yml');
const DASHBOARD = JSON.parse(read('docs/grafana/mcf-connector.json')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};

const ruleNames = [...RULES.matchAll(/- alert: (\w+)/g)].map((match) => match[1] ?? '');
/** Keys as `conditions.ts` writes them; of those that go on with a value, what is before it. */
const alertKeys = [...read('src/alerts/conditions.ts').matchAll(/\bkey: (?:'([^']+)'|`([^`$]+)\$)/g)].map(
  (match) => match[1] ?? `${match[2]}…`,
);

const isOurs = (name: string): name is keyof typeof METRICS => Object.hasOwn(METRICS, name);
const labelsOf = (name: string): readonly string[] => (isOurs(name) ? METRICS[name].labels : []);
/** What a series of a histogram belongs to. */
const familyOf = (series: string): string =>
  isOurs(series) ? series : series.replace(/_(bucket|sum|count)$/, '');

/** Metrics and labels in these expressions that no scrape has. */
const unknownIn = (texts: readonly string[], defaults: ReadonlySet<string>): string[] =>
  texts.flatMap((text) => {
    const names = [...text.matchAll(/\b(?:mcf|nodejs|process)_\w+/g)].map(([name]) => name);
    const missing = names.filter((name) => !isOurs(familyOf(name)) && !defaults.has(name));
    const labels = [...text.matchAll(/\b(mcf_\w+)\{([^}]*)\}/g)].flatMap(([, name = '', inside = '']) =>
      [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]
        .map((match) => match[1] ?? '')
        .filter((label) => !labelsOf(familyOf(name)).includes(label))
        .map((label) => `${name}{${label}}`),
    );
    return [...missing, ...labels];
  });

const defaultNames = async (): Promise<Set<string>> => {
  const register = new Registry();
  collectDefaultMetrics({ register });
  return new Set((await register.getMetricsAsJSON()).map(({ name }) => name));
};

describe('what is written about metrics', () => {
  it('docs/metrics.md is the page of the catalogue', () => {
    expect(read('docs/metrics.md')).toBe(metricsPage());
  });

  it('the dashboard asks only for metrics and labels that there are, and leaves none out', async () => {
    const texts = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

    expect(unknownIn(texts, await defaultNames())).toEqual([]);
    const asked = texts.join(' ');
    expect(Object.keys(METRICS).filter((name) => !asked.includes(name))).toEqual([]);
  });

  it('the alert rules ask only for metrics and labels that there are', async () => {
    expect(ruleNames.length).toBeGreaterThan(10);
    expect(unknownIn([RULES], await defaultNames())).toEqual([]);
  });

  it('a metric or a label that is not there is noticed', async () => {
    const texts = ['rate(mcf_made_up_total[5m])', 'mcf_orders{shop="1"}', 'nodejs_made_up'];

    expect(unknownIn(texts, await defaultNames())).toEqual([
      'mcf_made_up_total',
      'mcf_orders{shop}',
      'nodejs_made_up',
    ]);
  });
});

describe('docs/runbooks.md', () => {
  const sections = [...read('docs/runbooks.md').matchAll(/^### `(.+)`$/gm)].map((match) => match[1] ?? '');

  it('has a section for each alert of the service and each rule, and none for what is gone', () => {
    expect(alertKeys).toContain('review/…');
    expect(sections.toSorted()).toEqual([...new Set([...alertKeys, ...ruleNames])].toSorted());
  });
});

describe('docs/observability.md', () => {
  it('has a row for each difference of the daily report', () => {
    const rows = [...read('docs/observability.md').matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]);

    expect(rows.toSorted()).toEqual(Object.keys(DIFFERENCES).toSorted());
  });
});
