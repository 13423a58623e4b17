import { parentPort, workerData } from 'node:worker_threads';
import { argon2id, argon2Verify } from 'hash-wasm';

/*
 * One password, then the thread ends. A hash takes 50 ms and more of a core without a pause: on the main thread every
 * webhook would wait for it. docs/decisions/0013-people.md says where the parameters come from.
 */
const PARAMETERS = { memorySize: 19_456, iterations: 2, parallelism: 1, hashLength: 32 };
const SALT_BYTES = 16;

/** Two texts and no package to check them with: a thread lives for one sign-in, and its start is most of its cost. */
const [password, encoded]: unknown[] = Array.isArray(workerData) ? workerData : [];
if (typeof password !== 'string') throw new Error('No password was given to this thread.');

const result =
  typeof encoded !== 'string'
    ? await argon2id({
        ...PARAMETERS,
        password,
        salt: crypto.getRandomValues(new Uint8Array(SALT_BYTES)),
        outputType: 'encoded',
      })
    : await argon2Verify({ password, hash: encoded });
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
parentPort?.postMessage(result);
