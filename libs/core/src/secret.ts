// A value that must never be printed: tokens, keys, passwords.
import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * Wraps a secret text so that logs, JSON, templates and inspection show `[secret]`.
 * Only the Mews client, ciphers and signers call `reveal()`.
 */
export class Secret {
  readonly #value: string;
  constructor(value: string) { this.#value = value; }
  reveal(): string { return this.#value; }
  toString(): string { return MASK; }
  toJSON(): string { return MASK; }
  [inspect.custom](): string { return MASK; }
  [Symbol.toPrimitive](): string { return MASK; }
}
