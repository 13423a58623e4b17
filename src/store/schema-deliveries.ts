import type { Generated, Selectable } from 'kysely';

type OutgoingEndpointsTable = {
  endpoint_id: string;
  url: string;
  description: string | null;
  /** JSON */
  events: string;
  /** JSON */
  shop_ids: string | null;
  secrets: Uint8Array;
  created_at: number;
  disabled_at: number | null;
  disabled_why: string | null;
  failing_since: number | null;
  last_error: string | null;
};

type DeliveriesTable = {
  id: Generated<number>;
  endpoint_id: string;
  message_id: string;
  type: string;
  at: number;
  shop_id: string | null;
  order_id: string | null;
  /** JSON */
  data: string;
  status: string;
  attempts: Generated<number>;
  next_attempt_at: number | null;
  last_attempt_at: number | null;
  last_status: number | null;
  last_error: string | null;
};

export type DeliveryTables = {
  outgoing_endpoints: OutgoingEndpointsTable;
  deliveries: DeliveriesTable;
};

export type OutgoingEndpointTableRow = Selectable<OutgoingEndpointsTable>;
export type DeliveryTableRow = Selectable<DeliveriesTable>;
