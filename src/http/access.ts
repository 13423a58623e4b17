import type { FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { mayAct, type Principal, type Role, sees } from '../people/principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every private route before its handler runs. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** The least role that may use the route. A private route without it is for admins. */
    needs?: Role;
    /** True: the route shows or changes what belongs to no single shop, so nobody limited to shops may use it. */
    isForWholeService?: boolean;
  }
}

/** Throws the answer for somebody who is known and may not. */
export const requireAccess = ({ principal, routeOptions }: FastifyRequest): void => {
  const { needs = 'admin', isForWholeService = false } = routeOptions.config;
  if (!mayAct(principal, needs))
    throw new AppError('role_missing', 403, `This needs the role ${needs}; yours is ${principal.role}.`);
  if (isForWholeService && principal.shopIds !== null)
    throw new AppError('not_for_single_shops', 403, 'This concerns all shops, and you are limited to some.');
};

/** A shop that one may not see is answered like one that does not exist. */
export const requireShop = ({ principal }: FastifyRequest, shopId: string): void => {
  if (!sees(principal, shopId)) throw new AppError('shop_unknown', 404, 'There is no such shop.');
};
