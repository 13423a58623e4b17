import { vi } from 'vitest';

/** A machine under load takes longer than the one second that Vitest waits by itself, and says nothing about the code. */
const PATIENCE_MS = 10_000;

const { waitFor } = vi;
vi.waitFor = (check, options) =>
  waitFor(check, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
