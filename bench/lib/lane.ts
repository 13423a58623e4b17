import { createConnection, type Socket } from 'node:net';

export type LaneEvents = {
  answered(index: number, status: number): void;
  /** The connection ended before these were answered. */
  cut(indices: readonly number[]): void;
};

/** One kept-alive connection; several requests may be on their way on it. */
export type Lane = { connected: Promise<void>; send(index: number, request: Buffer): void; close(): void };

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)/i;

/** Cuts answers off the front of a stream: enough of HTTP for answers with a content-length. */
const createReader = (onStatus: (status: number) => void): ((chunk: Buffer) => void) => {
  let rest = '';
  return (chunk) => {
    rest += chunk.toString('latin1');
    let at = 0;
    for (let end = rest.indexOf(HEAD_END, at); end !== -1; end = rest.indexOf(HEAD_END, at)) {
      const length = Number(CONTENT_LENGTH.exec(rest.slice(at, end))?.[1] ?? 0);
      const next = end + HEAD_END.length + length;
      if (next > rest.length) break;
      onStatus(Number(rest.slice(at + 9, at + 12)));
      at = next;
    }
    rest = rest.slice(at);
  };
};

const whenConnected = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('connect', resolve);
    // Requests of a connection that failed are counted as cut off.
    socket.once('close', () => resolve());
  });

/** Opens a connection. What is sent before it is made waits for it. */
export const openLane = (port: number, events: LaneEvents): Lane => {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
  const waiting: number[] = [];
  const read = createReader((status) => {
    const index = waiting.shift();
    if (index !== undefined) events.answered(index, status);
  });
  let flushing = false;
  const flush = (): void => {
    flushing = false;
    socket.uncork();
  };
  socket.on('data', read);
  socket.on('error', () => socket.destroy());
  socket.on('close', () => events.cut(waiting.splice(0)));
  return {
    connected: whenConnected(socket),
    send(index, request) {
      if (socket.destroyed) {
        events.cut([index]);
        return;
      }
      waiting.push(index);
      // Requests of one turn leave in one system call.
      if (!flushing) {
        flushing = true;
        socket.cork();
        setImmediate(flush);
      }
      socket.write(request);
    },
    close: () => socket.destroy(),
  };
};
