/** Says that something changed, to whoever listens at that moment. */
export type Bell = {
  /** Cheap however often it is called. */
  ring(): void;
  /** Resolves at the next ring after this call. */
  next(): Promise<void>;
};

export const createBell = (): Bell => {
  let rung = true;
  let current = Promise.withResolvers<void>();
  return {
    ring() {
      if (rung) return;
      rung = true;
      current.resolve();
    },
    next() {
      if (rung) current = Promise.withResolvers<void>();
      rung = false;
      return current.promise;
    },
  };
};
