import { shapeError } from './errors.ts';
import type { TikTokOperation } from './limits.ts';

/**
 * Walks the pages of a search until there is no next token. A token that comes twice would never end, so it is
 * answered with `upstream_malformed`.
 */
export async function* eachPage<Page extends { next_page_token: string }>(
  operation: TikTokOperation,
  fetchPage: (pageToken: string) => Promise<Page>,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let pageToken = '';
  do {
    const page = await fetchPage(pageToken);
    yield page;
    pageToken = page.next_page_token;
    if (seen.has(pageToken)) throw shapeError(operation, 'read');
    if (pageToken !== '') seen.add(pageToken);
  } while (pageToken !== '');
}

/** The items in slices of at most `size`. */
export const chunksOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
