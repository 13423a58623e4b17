/** The same receiver, keeping by `send` of pg-boss: a row in Postgres, deduplicated by the job's id. */
import { createHash } from 'node:crypto';
import { PgBoss } from 'pg-boss';
import { startReceiver } from '../lib/receiver.ts';
import { newDatabase } from './database.js';

const QUEUE = 'webhooks';
const { CLUSTER_URL = '', POOL = '10' } = process.env;

const boss = new PgBoss({
  connectionString: await newDatabase(CLUSTER_URL),
  max: Number(POOL),
  // Only what sends: nothing else takes the core.
  supervise: false,
  schedule: false,
});
boss.on('error', (error) => process.stderr.write(`${error}\n`));
await boss.start();
await boss.createQueue(QUEUE);

/** A job's id is a UUID, so the key is hashed into one. */
const uuidOf = (key) =>
  createHash('sha1')
    .update(key)
    .digest('hex')
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-5$3-8$4-$5');

await startReceiver({
  keep: (key, body) => boss.send(QUEUE, { key, body }, { id: uuidOf(key) }),
  async kept() {
    const { rows } = await boss.getDb().executeSql("select data->>'key' as key from pgboss.job");
    return rows.map(({ key }) => key);
  },
});
