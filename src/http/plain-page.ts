import type { FastifyReply } from 'fastify';

export type PlainPage = {
  title: string;
  paragraphs: readonly string[];
  /** Shown as a list below. */
  items?: readonly string[];
  link?: { href: string; text: string };
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and for quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '');

const htmlOf = ({ title, paragraphs, items = [], link }: PlainPage): string =>
  [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title></head><body><main><h1>${escapeHtml(title)}</h1>`,
    ...paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`),
    items.length === 0 ? '' : `<ul>${items.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`,
    link ? `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>` : '',
    '</main></body></html>',
  ].join('');

/** A page without style, script or anything from elsewhere, for people whom another site sent here. */
export const sendPage = (reply: FastifyReply, status: number, page: PlainPage): FastifyReply =>
  reply.code(status).type('text/html; charset=utf-8').send(htmlOf(page));
