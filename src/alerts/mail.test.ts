import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailDestination } from './mail.ts';

type Received = { sender: string; recipients: string[]; data: string; login: string | null };

const PASSWORD = 'correct-horse';

/** Speaks just enough SMTP to take a mail. `refuse` answers a command, by its first word, with a refusal. */
const serve = (socket: Socket, mails: Received[], refuse: Map<string, string>): void => {
  let mail: Received = { sender: '', recipients: [], data: '', login: null };
  let isInData = false;
  let rest = '';
  const say = (line: string): boolean => socket.write(`${line}\r\n`);
  const answers: Record<string, (line: string) => string> = {
    EHLO: () => '250-localhost\r\n250 AUTH PLAIN',
    AUTH: (line) => {
      mail.login = Buffer.from(line.split(' ')[2] ?? '', 'base64').toString();
      return '235 ok';
    },
    MAIL: (line) => {
      mail.sender = line;
      return '250 ok';
    },
    RCPT: (line) => {
      mail.recipients.push(line);
      return '250 ok';
    },
    DATA: () => {
      isInData = true;
      return '354 go on';
    },
    QUIT: () => '221 bye',
  };
  const take = (line: string): void => {
    if (isInData && line !== '.') {
      mail.data += `${line}\n`;
      return;
    }
    if (isInData) {
      isInData = false;
      if (!refuse.has('.')) mails.push(mail);
      mail = { sender: '', recipients: [], data: '', login: null };
      say(refuse.get('.') ?? '250 taken');
      return;
    }
    const [word = ''] = line.split(' ');
    say(refuse.get(word) ?? answers[word]?.(line) ?? '502 unknown');
  };
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (rest + chunk.toString()).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  say('220 ready');
};

describe('the mail destination', () => {
  let server: Server;
  let mails: Received[];
  let refuse: Map<string, string>;
  let sockets: Socket[];

  beforeEach(async () => {
    mails = [];
    refuse = new Map();
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      serve(socket, mails, refuse);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const deliver = (login = '') =>
    createMailDestination({
      smtpUrl: `smtp://${login}127.0.0.1:${(server.address() as AddressInfo).port}`,
      from: 'MCF <mcf@example.com>',
      to: ['one@example.com', 'two@example.com'],
    }).deliver({ subject: 'mcf-connector: a “subject”', text: 'first line\n\nlast line' });

  it('sends one mail to all recipients', async () => {
    await deliver();

    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail?.sender).toContain('<mcf@example.com>');
    expect(mail?.recipients.join(' ')).toMatch(/<one@example.com>.*<two@example.com>/);
    expect(mail?.data).toContain('Auto-Submitted: auto-generated');
    expect(mail?.data).toMatch(/Subject: .*mcf-connector/);
    expect(mail?.data).toContain('first line\n\nlast line');
    expect(mail?.login).toBeNull();
  });

  it('signs in with the user and password of the URL', async () => {
    await deliver(`user:${PASSWORD}@`);

    expect(mails[0]?.login).toBe(`\0user\0${PASSWORD}`);
  });

  it.each([
    ['AUTH', '535 wrong password for user', 'upstream_auth_refused', 'EAUTH, answer 535'],
    ['RCPT', '550 no such mailbox one@example.com', 'upstream_refused', 'EENVELOPE, answer 550'],
    ['.', '554 looks like spam', 'upstream_refused', 'EMESSAGE, answer 554'],
  ])(
    'a refusal of %s is a failure that quotes neither server nor login',
    async (word, answer, code, named) => {
      refuse.set(word, answer);

      await expect(deliver(`user:${PASSWORD}@`)).rejects.toMatchObject({
        code,
        message: `alert-mail: the mail was not taken (${named})`,
        cause: undefined,
      });
      expect(mails).toEqual([]);
    },
  );

  it('a server that says nothing is given up', async () => {
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const destination = createMailDestination({
      smtpUrl: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      from: 'mcf@example.com',
      to: ['one@example.com'],
      timeoutMs: 20,
    });

    await expect(destination.deliver({ subject: 's', text: 't' })).rejects.toMatchObject({
      code: 'upstream_timeout',
    });
    silent.close();
  });

  it('a server that is not there is a failure', async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const destination = createMailDestination({
      smtpUrl: `smtp://127.0.0.1:${port}`,
      from: 'mcf@example.com',
      to: ['one@example.com'],
    });

    await expect(destination.deliver({ subject: 's', text: 't' })).rejects.toMatchObject({
      code: 'upstream_unreachable',
    });
  });
});
