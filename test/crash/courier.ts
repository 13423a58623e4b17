import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../simulation/random.ts';

/** What became of the webhooks that were sent. */
export type Mail = {
  sent: number;
  acknowledged: number;
  /** Answered with anything but 200, by status. */
  refused: Map<number, number>;
  /** No answer: nobody listened, the connection broke, or the answer took over three seconds. */
  cut: number;
  sentIds: Set<string>;
  acknowledgedIds: Set<string>;
};

export type Courier = {
  mail: Mail;
  /** Delivers one notification; what is not acknowledged mostly comes again, some of it never. */
  post(body: string, signature: string): Promise<{ status: number; body: string }>;
  /** Sends again what is due, or everything that waits. */
  resend(everything?: boolean): void;
  waiting(): number;
  /** Nothing is on the wire any more. */
  settled(): Promise<void>;
};

const ANSWERED_WITHIN_MS = 3_000;
const COMES_AGAIN = 0.8;

/** The id by which TikTok tells one notification from another. */
export const notificationId = (body: string): string => {
  const id = /"tts_notification_id":"([^"]+)"/.exec(body)?.[1];
  if (id === undefined) throw new Error(`a notification has no id: ${body}`);
  return id;
};

/** Takes the place of TikTok's delivery, whose retries would take half a day. */
export const createCourier = (url: string, random: Random, sign: (body: string) => string): Courier => {
  const mail: Mail = {
    sent: 0,
    acknowledged: 0,
    refused: new Map(),
    cut: 0,
    sentIds: new Set(),
    acknowledgedIds: new Set(),
  };
  const flying = new Set<Promise<unknown>>();
  let again: { body: string; dueMs: number }[] = [];

  const failed = (body: string): void => {
    if (random.chance(COMES_AGAIN)) again.push({ body, dueMs: performance.now() + random.int(100, 1_500) });
  };

  const deliver = async (body: string, signature: string): Promise<{ status: number; body: string }> => {
    mail.sent += 1;
    mail.sentIds.add(notificationId(body));
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: signature },
        body,
        signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
      });
    } catch (error) {
      mail.cut += 1;
      failed(body);
      throw error;
    }
    if (response.status === 200) {
      mail.acknowledged += 1;
      mail.acknowledgedIds.add(notificationId(body));
    } else {
      mail.refused.set(response.status, (mail.refused.get(response.status) ?? 0) + 1);
      failed(body);
    }
    // The process may die between the head and the end of its answer.
    return { status: response.status, body: await response.text().catch(() => '') };
  };

  const post: Courier['post'] = (body, signature) => {
    const flight = deliver(body, signature);
    const landed: Promise<unknown> = flight.catch(() => undefined).finally(() => flying.delete(landed));
    flying.add(landed);
    return flight;
  };

  return {
    mail,
    post,
    resend(everything = false) {
      const nowMs = performance.now();
      const due = again.filter(({ dueMs }) => everything || dueMs <= nowMs);
      again = again.filter((one) => !due.includes(one));
      for (const { body } of due) post(body, sign(body)).catch(() => undefined);
    },
    waiting: () => again.length,
    async settled() {
      while (flying.size > 0) await Promise.race([Promise.all(flying), sleep(50)]);
    },
  };
};
