import { METRICS } from './catalogue.ts';

/** `docs/metrics.md`. */
export const metricsPage = (): string => {
  const rows = Object.entries(METRICS).map(([name, { kind, labels, help }]) => {
    const names = labels.map((label) => `\`${label}\``).join(', ') || '–';
    return `| \`${name}\` | ${kind} | ${names} | ${help} |`;
  });
  return `${[
    '# Metrics',
    '',
    '`GET /metrics` answers in the text format of Prometheus. With `METRICS_TOKEN` set it asks for',
    '`Authorization: Bearer <METRICS_TOKEN>`; without, whoever reaches the port may read it. It shows ids of shops and accounts,',
    'never an order or a buyer. Counters begin at 0 with each start of the process; what is of the store does not.',
    '',
    '```yaml',
    'scrape_configs:',
    '  - job_name: mcf-connector',
    '    authorization: { credentials_file: /etc/prometheus/mcf-metrics-token }',
    '    static_configs: [{ targets: ["mcf-connector:3000"] }]',
    'rule_files: [prometheus-alerts.yml]',
    '```',
    '',
    'Dashboard: [grafana/mcf-connector.json](grafana/mcf-connector.json). Alert rules:',
    '[prometheus-alerts.yml](prometheus-alerts.yml), with a [runbook](runbooks.md) for each.',
    '',
    '| Name | Kind | Labels | |',
    '|---|---|---|---|',
    ...rows,
    '',
    'With them come the figures of the process, `process_…` and `nodejs_…`, from the first scrape on.',
    '',
    'While the store cannot be read, `mcf_store_up` is 0 and the figures of the store are absent; an alert that needs them',
    'cannot fire then, so keep the one about the store.',
  ].join('\n')}\n`;
};
