import closeWithGrace from 'close-with-grace';
import pino from 'pino';
import { loadConfig } from './config/load.ts';
import { systemClock } from './lib/clock.ts';
import { AppError } from './lib/errors.ts';
import { startService } from './service.ts';

/** What an operator can mend is said in one message; only a fault of the code shows its stack. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const isOurs = error instanceof TypeError || error instanceof ReferenceError;
  const details = error instanceof AppError ? error.details.map((detail) => `\n  - ${detail}`).join('') : '';
  return isOurs ? (error.stack ?? error.message) : `${error.message}${details}`;
};

const failStart = (error: unknown): void => {
  process.stderr.write(`mcf-connector cannot start. ${describe(error)}\n`);
  process.exitCode = 1;
};

/** Reads the environment, starts the service, and closes it on SIGTERM or SIGINT, which `leave` answered until then. */
export const run = async (leave: () => void): Promise<void> => {
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
    process.off('SIGTERM', leave).off('SIGINT', leave);
  } catch (error) {
    failStart(error);
  }
};
