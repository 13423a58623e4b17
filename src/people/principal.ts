/** What a person may do. Each may what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, once that is proven. */
export type Principal = {
  /** As the timeline and the audit log name them: `admin` for the holder of `ADMIN_TOKEN`. */
  name: string;
  /** Null for the holder of `ADMIN_TOKEN`. */
  userId: string | null;
  role: Role;
  /** The shops they are limited to; null: all there are and will be. */
  shopIds: readonly string[] | null;
};

export const mayAct = ({ role }: Principal, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** False for a shop that they must not learn about. */
export const sees = ({ shopIds }: Principal, shopId: string): boolean =>
  shopIds === null || shopIds.includes(shopId);
