// What is wrong with the first API key, which people choose. It cannot be told how random a text is; what is plainly not is refused.
import type { Secret } from '@keyrack/core';
import { isNoApiKey } from './api-key.js';

const LENGTH_MIN = 16;
const DIFFERENT_MIN = 8;
/** How much there must be besides words that everybody tries first. */
const OWN_MIN = 6;
const WORDS = /changeme|change|passw(or)?d|secret|letmein|qwerty|default|example|sample|admin|root|keyrack|bootstrap|token|test|demo|api|key/g;

/** Why the key cannot be one, or can be guessed; undefined where nothing says so. Never repeats it. */
export function faultOf(key: Secret): string | undefined {
  const text = key.reveal(), core = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (text.length < LENGTH_MIN) return `must have at least ${LENGTH_MIN} characters`;
  if (new Set(text).size < DIFFERENT_MIN) return 'has too few different characters';
  if (isNoApiKey(text)) return 'looks like a key that Keyrack made, and its checksum is wrong: it was mistyped or cut';
  if (isRepeated(core)) return 'is one piece again and again';
  return core.replaceAll(WORDS, '').length < OWN_MIN ? 'is made of words that everybody tries first' : undefined;
}

/** Whether a text comes round within its first half, as `abcabc` does, and `abcabca`. */
function isRepeated(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period += 1) if (text.startsWith(text.slice(period))) return true;
  return false;
}
