import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import { ConfigError, loadConfig } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { AppError } from './lib/errors.ts';
import { startService } from './service.ts';
import { StoreUnavailable } from './store/store.ts';

/** Faults an operator can mend: said in one message, without a stack. */
const isOperatorFault = (error: unknown): error is Error =>
  error instanceof ConfigError || error instanceof AppError || error instanceof StoreUnavailable;

const failStart = (error: unknown): void => {
  const details = error instanceof AppError ? error.details.map((detail) => `\n  - ${detail}`).join('') : '';
  const text = isOperatorFault(error) ? `${error.message}${details}` : String(error);
  process.stderr.write(`mcf-connector cannot start. ${text}\n`);
  process.exitCode = 1;
};

/** Reads the environment, starts the service, and closes it on SIGTERM or SIGINT. */
export const run = async (): Promise<void> => {
  try {
    const config = loadConfig(process.env);
    const logger = pino({ level: config.LOG_LEVEL });
    const running = await startService(config, systemClock, logger);
    logger.info({ url: running.url }, 'listening');
    closeWithGrace({ delay: 10_000, logger: false }, async ({ err, signal }) => {
      if (err) logger.fatal({ err }, 'unexpected fault, closing');
      logger.info({ signal }, 'closing');
      await running.close();
      logger.info('closed');
    });
  } catch (error) {
    failStart(error);
  }
};
