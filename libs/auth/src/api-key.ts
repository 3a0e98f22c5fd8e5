// The text of an API key: `kr_`, 160 random bits, and a checksum by which a scanner tells a leaked key from noise.
import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '@keyrack/core';

const PREFIX = 'kr_';
const RANDOM_BYTES = 20;
const CHECKSUM_LENGTH = 6;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const FORM = /^kr_([a-z2-7]{32})([a-z2-7]{6})$/;

export function newApiKey(): Secret {
  const body = base32(randomBytes(RANDOM_BYTES));
  return new Secret(PREFIX + body + checksum(body));
}

/** Whether a text is a key that Keyrack may have made. */
export function isApiKey(text: string): boolean {
  const [, body, sum] = FORM.exec(text) ?? [];
  return body !== undefined && sum === checksum(body);
}

/** Whether a text looks like such a key and cannot be one: it was mistyped, cut elsewhere, or guessed. */
export const isNoApiKey = (text: string): boolean => FORM.test(text) && !isApiKey(text);

const checksum = (body: string): string => base32(createHash('sha256').update(PREFIX + body).digest()).slice(0, CHECKSUM_LENGTH);

/** 5 bits a letter; 20 bytes give 32 letters, 32 bytes give 51 and drop the last bit. */
function base32(bytes: Buffer): string {
  let [text, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = (value << 8 | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += ALPHABET[value >> (bits - 5) & 31];
  }
  return text;
}
