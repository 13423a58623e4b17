import { connect, type Socket } from 'node:net';

/** A connection on which anything can be written. */
export type RawSocket = {
  socket: Socket;
  write(text: string | Buffer): void;
  /** Everything that came so far. */
  text(): string;
  /** Resolves with everything once the other side has closed. */
  closed: Promise<string>;
  /** Resolves once what came matches. */
  until(pattern: RegExp): Promise<string>;
};

export const openSocket = async (port: number): Promise<RawSocket> => {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1');
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    socket,
    write: (text) => void socket.write(text),
    text: () => received,
    closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (pattern.test(received)) resolve(received);
        };
        socket.on('data', check);
        socket.once('close', () => reject(new Error(`closed with ${JSON.stringify(received)}`)));
        check();
      }),
  };
};

/** The status codes of all answers, in order. */
export const statusesIn = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));
