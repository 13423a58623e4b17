import { randomUUID } from 'node:crypto';

/** Names for runs that no other run, process or start has. */
export const ownerNames = (): (() => string) => {
  const instance = randomUUID();
  let runs = 0;
  return () => {
    runs += 1;
    return `${instance}/${runs}`;
  };
};
