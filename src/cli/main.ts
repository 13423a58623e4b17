import { Command, CommanderError, Option } from 'commander';
import { ROLES } from '../people/principal.ts';
import { VERSION } from '../version.ts';
import { backup } from './backup.ts';
import { doctor } from './doctor.ts';
import { reconcile, retryOrder, showOrder } from './orders.ts';
import type { Output } from './output.ts';
import { CliError, createServiceClient, type Environment, type ServiceClient } from './service.ts';
import { addUser, exportSkuMap, importSkuMap, registerWebhooks, reportSkuMap } from './set-up.ts';

const FAILED = 1;
const MISUSED = 2;

const HELP = `
Talks to the running service: MCF_URL (default http://127.0.0.1:$PORT), with ADMIN_TOKEN or an API token in its place.
Exit codes: 0 all is well, 1 something failed, 2 called in a wrong way.`;

/** A command with `--json`; what it answers is the exit code. */
type Work = (service: ServiceClient, output: Output) => Promise<number>;

const addOrders = (program: Command, does: (command: Command, work: Work) => void): void => {
  const pass = program
    .command('reconcile')
    .description('run one pass now and show its report')
    .addOption(new Option('--only <part>', 'one part of it').choices(['orders', 'tracking', 'inventory']));
  does(pass, (service, output) => reconcile(service, pass.opts<{ only?: string }>().only, output));
  const order = program.command('order').description('look at an order, or try it again');
  const show = order.command('show <orderId>').description('where an order stands, and what happened to it');
  does(show, (service, output) => showOrder(service, show.args[0] ?? '', output));
  const retry = order
    .command('retry <orderId>')
    .description('look at an order again now, forgetting refusals');
  does(retry, (service, output) => retryOrder(service, retry.args[0] ?? '', output));
};

const addSkuMap = (program: Command, does: (command: Command, work: Work) => void): void => {
  const map = program.command('sku-map').description('which Amazon SKUs the listings lead to');
  const load = map
    .command('import <file>')
    .description('replace the whole map by a CSV; - reads standard input');
  does(load, (service, output) => importSkuMap(service, load.args[0] ?? '', output));
  const save = map.command('export [file]').description('the map as CSV');
  does(save, (service, output) => exportSkuMap(service, save.args[0], output));
  const report = map
    .command('report')
    .description('every listing with its Amazon SKU, and those that have none');
  does(report, reportSkuMap);
};

const addSetUp = (program: Command, does: (command: Command, work: Work) => void): void => {
  const webhooks = program.command('webhooks').description('where TikTok sends its notifications');
  const register = webhooks
    .command('register')
    .description('let TikTok send every topic here')
    .option('--shop <shopId>', 'this shop only')
    .option('--take-over', 'also topics that go to another address now', false);
  does(register, (service, output) =>
    registerWebhooks(service, register.opts<{ shop?: string; takeOver: boolean }>(), output),
  );
  const add = program
    .command('user')
    .description('people who may use the service')
    .command('add <name>')
    .description('a new user')
    .addOption(new Option('--role <role>', 'what they may do').choices([...ROLES]).makeOptionMandatory())
    .option('--shop <shopId...>', 'limits them to these shops')
    .option('--password-stdin', 'read their password from standard input', false);
  does(add, (service, output) => {
    const {
      role,
      shop = [],
      passwordStdin,
    } = add.opts<{ role: string; shop?: string[]; passwordStdin: boolean }>();
    return addUser(
      service,
      { name: add.args[0] ?? '', role, shopIds: shop, hasPassword: passwordStdin },
      output,
    );
  });
};

/** Runs one command. 0: all is well. 1: it failed, and standard error or its output says why. 2: called in a wrong way. */
export const run = async (args: readonly string[], env: Environment): Promise<number> => {
  let exitCode = 0;
  const program = new Command('mcf-connector')
    .description('Routes TikTok Shop orders to Amazon MCF: commands for operators.')
    .version(VERSION)
    .addHelpText('after', HELP)
    .exitOverride();
  const does = (command: Command, work: Work): void => {
    command.option('--json', 'answer JSON', false).action(async () => {
      const isJson = command.opts<{ json: boolean }>().json;
      const output: Output = { write: (text) => void process.stdout.write(text), isJson };
      exitCode = await work(createServiceClient(env), output);
    });
  };
  const check = program.command('doctor').description('check the whole set-up and say how to mend it');
  does(check, (service, output) => doctor(service, env, output));
  addOrders(program, does);
  addSkuMap(program, does);
  const copy = program.command('backup <file>').description('copy the database, also while the service runs');
  does(copy, (_service, output) => backup(copy.args[0] ?? '', env, output));
  addSetUp(program, does);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    if (!(error instanceof CliError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return FAILED;
  }
};
