import { isoTime } from '../lib/clock.ts';
import type { News } from './told.ts';

export type Message = { subject: string; text: string };

const describe = (news: News): string => {
  if (news.kind === 'recovered') return `[RECOVERED] ${news.title}\nWas so since ${isoTime(news.sinceMs)}.`;
  const { severity, title, text } = news.condition;
  const since = news.kind === 'still' ? `, since ${isoTime(news.sinceMs)}` : '';
  return `[${severity.toUpperCase()}${since}] ${title}\n${text}`;
};

const headline = (news: News): string =>
  news.kind === 'recovered' ? `Recovered: ${news.title}` : news.condition.title;

/** One message for all that is to be said; null when there is nothing. */
export const messageOf = (news: readonly News[]): Message | null => {
  const [first] = news;
  if (!first) return null;
  const more = news.length > 1 ? `, and ${news.length - 1} more` : '';
  const subject = `mcf-connector: ${headline(first)}${more}`;
  return { subject, text: [subject, ...news.map(describe)].join('\n\n') };
};
