import { approve, cancelOrder, correctTracking, reject, ship } from './act-channel.ts';
import { cancel, create } from './act-provider.ts';
import type { ActContext, ActOutcome, Effect } from './with-intent.ts';

/** Makes exactly one outside effect. Throws `UpstreamError`, with the intent left where the outcome is unknown. */
export const act = (context: ActContext, effect: Effect): Promise<ActOutcome> => {
  switch (effect.kind) {
    case 'create':
      return create(context, effect);
    case 'cancel':
      return cancel(context, effect);
    case 'ship':
      return ship(context, effect);
    case 'correctTracking':
      return correctTracking(context, effect);
    case 'approveCancellation':
      return approve(context, effect);
    case 'rejectCancellation':
      return reject(context, effect);
    case 'cancelOrder':
      return cancelOrder(context, effect);
  }
};
