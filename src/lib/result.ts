/** An ordinary outcome that may be a refusal. Faults throw; refusals are this. */
export type Result<T, P> = { ok: true; value: T } | { ok: false; problem: P };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const refuse = <P>(problem: P): { ok: false; problem: P } => ({ ok: false, problem });
