import { html as escaping } from 'hono/html';

/** Text that is safe to send as HTML. Only `html` makes it, so that nothing from outside gets in unescaped. */
export type Html = Awaited<ReturnType<typeof escaping>>;

/**
 * A template whose values are escaped, unless they are `Html` themselves; lists of `Html` are joined; null, undefined
 * and false show nothing.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly unknown[]): Html => {
  const made = escaping(strings, ...values.map((value) => (value === false || value === null ? '' : value)));
  if (made instanceof Promise) throw new TypeError('A value of a template is not there yet.');
  return made;
};

export const nothing: Html = html``;
