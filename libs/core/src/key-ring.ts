// The key ring's text form: `name:base64,name:base64,...`, or one entry a line. The first key wraps new data keys, the others still
// unwrap old ones; the key named `index` is for fingerprints and derived passwords and never wraps anything.
import { createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { ConfigError } from './config-error.js';
import type { Secret } from './secret.js';

const KEY_BYTES = 32;
const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;
/** The name of the key that wraps nothing. */
export const INDEX = 'index';
/** 32 random bytes have fewer different ones than this once in 10^17 rings. */
const DIFFERENT_BYTES_MIN = 16;
const MAKE_ONE = 'make one with: npx keyrack keys generate k2';

export interface KeyRing {
  /** Wrapping keys by name; the first is the active one. */
  readonly wrapping: ReadonlyMap<string, KeyObject>;
  readonly currentName: string;
  readonly index: KeyObject;
}

/** @throws ConfigError that names the entry and the fix, never the key. */
export function parseKeyRing(text: Secret): KeyRing {
  const keys = new Map<string, KeyObject>();
  entriesOf(text).forEach((entry, i) => {
    const { name, key } = parseEntry(entry, i + 1);
    if (keys.has(name)) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" stands twice; remove one of them`);
    const same = [...keys].find(([, other]) => other.equals(key));
    if (same) throw new ConfigError(`KEYRACK_KEYS: "${same[0]}" and "${name}" are the same key; ${MAKE_ONE}`);
    keys.set(name, key);
  });
  const index = keys.get(INDEX);
  keys.delete(INDEX);
  const currentName = keys.keys().next().value;
  if (currentName === undefined) throw new ConfigError('KEYRACK_KEYS: there is no wrapping key; add one: k1:$(openssl rand -base64 32)');
  if (!index) throw new ConfigError('KEYRACK_KEYS: the key "index" is missing; add one: index:$(openssl rand -base64 32)');
  return { wrapping: keys, currentName, index };
}

const entriesOf = (text: Secret): string[] => text.reveal().split(/[,\s]+/).filter((part) => part !== '');

function parseEntry(entry: string, position: number): { name: string; key: KeyObject } {
  // What does not look like name:key may be the key itself: it is told by its position.
  const at = entry.indexOf(':'), name = entry.slice(0, at), encoded = entry.slice(at + 1);
  if (at < 1 || !NAME.test(name)) throw new ConfigError(`KEYRACK_KEYS: entry ${position} must look like name:base64, with a name of a-z, 0-9, - and _; ${MAKE_ONE}`);
  if (!BASE64.test(encoded)) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" must be ${KEY_BYTES} bytes in base64; ${MAKE_ONE}`);
  const bytes = Buffer.from(encoded, 'base64');
  const random = looksRandom(bytes), key = createSecretKey(bytes);
  bytes.fill(0);
  if (!random) throw new ConfigError(`KEYRACK_KEYS: the key "${name}" is not random; ${MAKE_ONE}`);
  return { name, key };
}

/** False for defaults and examples: one byte again and again, bytes that count, text that a person typed. */
function looksRandom(bytes: Buffer): boolean {
  const steps = new Set(bytes.subarray(1).map((byte, i) => byte - (bytes[i] ?? 0)));
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return new Set(bytes).size >= DIFFERENT_BYTES_MIN && steps.size > 2 && !isText;
}

/** One entry of a ring, new, in text form. */
export function generateKey(name: string): string {
  if (!NAME.test(name) || name === INDEX) throw new ConfigError('A key\'s name must have a-z, 0-9, - and _ only, at most 32 of them, and not be "index"');
  return entryOf(name);
}

/** A new ring of one wrapping key and an index key, in text form. */
export const generateKeyRing = (): string => ['k1', INDEX].map(entryOf).join(',');

const entryOf = (name: string): string => `${name}:${randomBytes(KEY_BYTES).toString('base64')}`;

/** The ring in text form, one entry a line, without the key of that name. */
export const withoutKey = (text: Secret, name: string): string => entriesOf(text).filter((entry) => !entry.startsWith(`${name}:`)).join('\n');

/** Tells a key from another one of the same name without holding it. */
export const checkValueOf = (key: KeyObject): Buffer => createHmac('sha256', key).update('keyrack check value').digest().subarray(0, 16);

/** A key for one purpose, derived from the index key; it stays the same while wrapping keys rotate. */
export function deriveKey(ring: KeyRing, purpose: string): KeyObject {
  const bytes = Buffer.from(hkdfSync('sha256', ring.index, Buffer.alloc(0), `keyrack ${purpose}`, KEY_BYTES));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/** A password for one purpose, as text that needs no escaping in a URL. */
export const derivePassword = (ring: KeyRing, purpose: string): string =>
  createHmac('sha256', deriveKey(ring, 'password')).update(purpose).digest('base64url');
