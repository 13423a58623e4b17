import type { Alerts } from '../alerts/index.ts';
import type { Store } from '../store/store.ts';
import { newestReport } from '../telemetry/daily-report.ts';
import type { Engine } from './engine.ts';
import { faultLog } from './faults.ts';
import type { Parts } from './parts.ts';
import { listSides } from './sides.ts';

/** Orders that an alert names. */
const NAMED_ORDERS = 5;

const reportFinding = async (store: Pick<Store, 'cursors'>) => {
  const report = await newestReport(store);
  if (!report) return null;
  const orderIds = [...new Set(report.differences.map(({ orderId }) => orderId))].slice(0, NAMED_ORDERS);
  return { date: report.date, differences: { count: report.differenceCount, orderIds } };
};

/** Loaded only where alerts go somewhere: a start should not pay for what it does not use. */
export const wireAlerts = async (parts: Parts, engine: Engine): Promise<Alerts | null> => {
  const { config, http, store, clock, logger } = parts;
  if (!config.ALERT_WEBHOOK_URL && !config.ALERT_SMTP_URL) return null;
  const { createAlerts } = await import('../alerts/index.ts');
  return createAlerts({
    webhookUrl: config.ALERT_WEBHOOK_URL,
    smtpUrl: config.ALERT_SMTP_URL,
    mailFrom: config.ALERT_MAIL_FROM,
    mailTo: config.ALERT_MAIL_TO,
    http,
    store,
    clock,
    logger,
    sides: () => listSides(parts, engine.connected.registry).map((side) => side.state()),
    dailyReport: () => reportFinding(store),
    onFault: faultLog(parts),
  });
};
