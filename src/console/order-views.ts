import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { sendBack } from './context.ts';
import type { ConsoleDeps } from './deps.ts';
import { filterOf, listUrl } from './orders-filter.ts';

/** As many as fit above a list and can be told apart. */
const MOST_VIEWS = 20;

const SaveForm = z.object({
  name: z.string().trim().min(1, 'say how the view is called').max(60),
  query: z.string().max(1_000),
});
const RemoveForm = z.object({ name: z.string().max(60) });

/** Lists that a person keeps for themselves: a name and what the list is narrowed to. */
export const savedViewRoutes = (app: FastifyInstance, { store }: ConsoleDeps): void => {
  const config = { needs: 'operator', audit: false } as const;

  app.post('/console/views', { config }, async (request, reply) => {
    const { name, query } = SaveForm.parse(request.body);
    // Only what a list understands is kept, whatever was sent.
    const url = listUrl(filterOf(Object.fromEntries(new URLSearchParams(query))));
    const [, kept = ''] = url.split('?');
    const isSaved = await store.views.save(request.principal.userId, { name, query: kept }, MOST_VIEWS);
    return isSaved
      ? sendBack(reply, url, `The view “${name}” is saved. Only you see it.`)
      : sendBack(reply, url, `You have ${MOST_VIEWS} views; delete one first.`, 'warn');
  });

  app.post('/console/views/remove', { config }, async (request, reply) => {
    const { name } = RemoveForm.parse(request.body);
    const isGone = await store.views.remove(request.principal.userId, name);
    return isGone
      ? sendBack(reply, '/console/orders', `The view “${name}” is deleted. No order is.`)
      : sendBack(reply, '/console/orders', 'There was no such view.', 'warn');
  });
};
