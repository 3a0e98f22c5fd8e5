// A value that must never be printed: tokens, keys, passwords.
import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Wraps a secret text so that logs, JSON, templates and inspection show `[secret]`. It is held as bytes outside of the heap, where no heap
 * snapshot and no interned text keeps it; it is a string for as long only as somebody uses what `reveal()` gives.
 * Only the Mews client, ciphers and signers call that.
 */
export class Secret {
  readonly #bytes: Buffer;
  /** @param value as text or as its bytes in UTF-8, which are copied */
  constructor(value: string | Buffer) { this.#bytes = Buffer.from(value); }
  reveal(): string { return this.#bytes.toString(); }
  toString(): string { return MASK; }
  toJSON(): string { return MASK; }
  [inspect.custom](): string { return MASK; }
  [Symbol.toPrimitive](): string { return MASK; }
}

// Four characters of a short secret would be a good part of it.
const HINTED_MIN = 16;

/** What a person recognises a secret by: its last 4 characters, not enough to guess the rest. */
export function hintOf(secret: Secret): string {
  const text = secret.reveal();
  return text.length < HINTED_MIN ? '…' : `…${text.slice(-4)}`;
}
