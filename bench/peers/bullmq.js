/** The same receiver, keeping by `add` of BullMQ: a job in Redis, deduplicated by its id. */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startReceiver } from '../lib/receiver.ts';

const { REDIS_PORT = '', PIPELINING = '' } = process.env;
const QUEUE = 'webhooks';
const address = { host: '127.0.0.1', port: Number(REDIS_PORT) };

const queue = new Queue(QUEUE, {
  connection: {
    ...address,
    enableOfflineQueue: false,
    enableAutoPipelining: PIPELINING === 'auto',
  },
});
queue.on('error', (error) => process.stderr.write(`${error}\n`));
await queue.waitUntilReady();

await startReceiver({
  keep: (key, body) => queue.add('webhook', { body }, { jobId: key }),
  async kept() {
    const redis = new Redis(address);
    const ids = await redis.lrange(`bull:${QUEUE}:wait`, 0, -1);
    redis.disconnect();
    return ids;
  },
});
