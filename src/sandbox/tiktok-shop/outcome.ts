/** What an endpoint decided: the `data` of a success, or TikTok's code and message. */
export type Outcome =
  | { ok: true; data: unknown }
  | { ok: false; code: number; message: string; violation: boolean; status?: number };

export type Refusal = Extract<Outcome, { ok: false }>;

export const success = (data: unknown = {}): Outcome => ({ ok: true, data });

/** A refusal that a correct client can meet: a race, a setting, a limit. */
export const refuse = (code: number, message: string, status?: number): Refusal => ({
  ok: false,
  code,
  message,
  violation: false,
  ...(status === undefined ? {} : { status }),
});

/** A refusal that a correct client never earns; it is kept in the list of violations. */
export const violation = (code: number, message: string): Refusal => ({
  ok: false,
  code,
  message,
  violation: true,
});

export const badParameter = (message: string): Refusal => violation(36009004, message);
