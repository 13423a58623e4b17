import type { Selectable } from 'kysely';

type PausedSkusTable = { shop_id: string | null; amazon_sku: string; paused_at: number };

type ShadowActionsTable = {
  channel: string;
  shop_id: string;
  order_id: string;
  kind: string;
  subject: string;
  at: number;
  /** JSON */
  what: string;
};

type ShadowOrdersTable = {
  channel: string;
  shop_id: string;
  order_id: string;
  status: string;
  first_seen_at: number;
  seen_at: number;
  ship_by: number | null;
  shipped_by: number | null;
  cancelled_by: number | null;
  /** JSON */
  parcels: string;
};

type ShadowStockTable = {
  channel: string;
  shop_id: string;
  sku_id: string;
  seller_sku: string;
  ours: number;
  shown: number;
  at: number;
};

export type ShadowTables = {
  paused_skus: PausedSkusTable;
  shadow_actions: ShadowActionsTable;
  shadow_orders: ShadowOrdersTable;
  shadow_stock: ShadowStockTable;
};

export type ShadowOrderRow = Selectable<ShadowOrdersTable>;
