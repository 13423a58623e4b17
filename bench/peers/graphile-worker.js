/** The same receiver, keeping by `addJob` of Graphile Worker: a row in Postgres, deduplicated by the job's key. */
import { makeWorkerUtils } from 'graphile-worker';
import { startReceiver } from '../lib/receiver.ts';
import { newDatabase } from './database.js';

const { CLUSTER_URL = '', POOL = '10' } = process.env;

const utils = await makeWorkerUtils({
  connectionString: await newDatabase(CLUSTER_URL),
  maxPoolSize: Number(POOL),
});
await utils.migrate();

await startReceiver({
  keep: (key, body) => utils.addJob('webhook', { body }, { jobKey: key }),
  async kept() {
    const { rows } = await utils.withPgClient((client) =>
      client.query('select key from graphile_worker.jobs'),
    );
    return rows.map(({ key }) => key);
  },
});
