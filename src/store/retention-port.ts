/** What is deleted once it is old. */
export type RetentionStore = {
  /** Deletes notifications received before `beforeMs`, of the `limit` oldest. Answers how many. */
  pruneNotifications(beforeMs: number, limit: number): Promise<number>;
  /**
   * Of the next `limit` orders after `position` (0: from the oldest), deletes those over and untouched since
   * `beforeMs`, with everything kept of them. Over: completed, cancelled or ignored here, completed or cancelled at
   * the channel, and no return open. `position` null: no older order is left to look at.
   */
  pruneOrders(
    beforeMs: number,
    position: number,
    limit: number,
  ): Promise<{ pruned: number; position: number | null }>;
};
