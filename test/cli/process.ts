import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CLI = resolve(import.meta.dirname, '../../src/cli.js');

export type Finished = { code: number | null; out: string; err: string };

/** Runs the command as its users do. */
export const runCli = (
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string; cwd?: string; uid?: number } = {},
): Promise<Finished> =>
  new Promise((done, fail) => {
    const { env = {}, input = '', cwd, uid } = options;
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid }),
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.on('error', fail).on('close', (code) => done({ code, out, err }));
    child.stdin.on('error', () => undefined).end(input);
  });
