// A ring that is short, malformed, a default or a doublet is refused with the fix, and no part of a key is ever repeated.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadConfig } from './config.js';
import { ConfigError } from './config-error.js';
import { guardSecrets } from './guard.js';
import { deriveKey, generateKey, generateKeyRing, parseKeyRing, withoutKey } from './key-ring.js';
import { Secret } from './secret.js';

const good = randomBytes(32).toString('base64'), index = `index:${randomBytes(32).toString('base64')}`;
const base64 = (bytes: Buffer): string => bytes.toString('base64');

test.each<[string, string, RegExp]>([
  ['no key', index, /no wrapping key.*k1:/],
  ['no index key', `k1:${good}`, /"index" is missing.*openssl/],
  ['a short key', `k1:${base64(randomBytes(16))},${index}`, /"k1" must be 32 bytes.*generate/],
  ['a long key', `k1:${base64(randomBytes(33))},${index}`, /"k1" must be 32 bytes/],
  ['a key that is not base64', `k1:${'?'.repeat(44)},${index}`, /"k1" must be 32 bytes in base64/],
  ['a key without a name', `${good},${index}`, /entry 1 must look like name:base64/],
  ['a key in hex without a name', `${'0a1b2c3d'.repeat(4)},${index}`, /entry 1 must look like name:base64/],
  ['zeros', `k1:${base64(Buffer.alloc(32))},${index}`, /"k1" is not random.*generate/],
  ['bytes that count', `k1:${base64(Buffer.from(Array.from({ length: 32 }, (_, i) => i + 1)))},${index}`, /not random/],
  ['a word again and again', `k1:${base64(Buffer.from('changeme'.repeat(4)))},${index}`, /not random/],
  ['text that somebody typed', `k1:${base64(Buffer.from('My-Very-Secret_Keyrack#Passw0rd!'))},${index}`, /not random/],
  ['a name that stands twice', `k1:${good},k1:${base64(randomBytes(32))},${index}`, /"k1" stands twice/],
  ['a key that stands twice', `k1:${good},k2:${good},${index}`, /"k1" and "k2" are the same key/],
  ['an index key that also wraps', `k1:${good},index:${good}`, /same key/],
])('%s is refused', (_, text, message) => {
  expect(() => parseKeyRing(new Secret(text))).toThrow(ConfigError);
  try { parseKeyRing(new Secret(text)); } catch (error) {
    expect(String(error)).toMatch(message);
    for (const part of text.split(/[,:]/)) if (part.length > 5) expect(String(error)).not.toContain(part);
  }
});

test('the first key is the active one, and a line each reads as well as commas', () => {
  const text = [generateKey('k2'), ...generateKeyRing().split(',')];
  const ring = parseKeyRing(new Secret(text.join('\n')));
  expect([ring.currentName, ...ring.wrapping.keys()]).toEqual(['k2', 'k2', 'k1']);
  const later = parseKeyRing(new Secret(withoutKey(new Secret(text.join(',')), 'k1')));
  expect([...later.wrapping.keys()]).toEqual(['k2']);
  expect(deriveKey(later, 'fingerprint').equals(deriveKey(ring, 'fingerprint'))).toBe(true);
});

test('a key file that others can read is refused with the fix', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyrack-ring-')), file = join(folder, 'keys');
  try {
    writeFileSync(file, `${generateKeyRing()}\n`);
    const load = () => loadConfig({ DATABASE_URL: 'postgres://x/y', KEYRACK_KEYS_FILE: file });
    for (const mode of [0o644, 0o604, 0o640, 0o660, 0o602]) {
      chmodSync(file, mode);
      expect(load).toThrow(`chmod 600 ${file}`);
    }
    for (const mode of [0o600, 0o400]) {
      chmodSync(file, mode);
      expect(load().keysFile).toBe(file);
    }
  } finally { rmSync(folder, { recursive: true }); }
});

test('a command prints the ring; what is wrong with it is told, and nothing of what it prints', () => {
  const load = (command: string, more = {}) => () => loadConfig({ DATABASE_URL: 'postgres://x/y', KEYRACK_KEYS_COMMAND: command, ...more });
  const ring = generateKeyRing();
  expect(load(`echo '${ring}' | cat`)().keys.reveal()).toBe(ring);
  expect(load(`echo '${ring}'`)().keysFile).toBeUndefined();
  expect(load(`echo '${ring}'; exit 7`)).toThrow(/^KEYRACK_KEYS_COMMAND: ended with 7; what it says of it stands above$/);
  expect(load('kill -TERM $$')).toThrow('KEYRACK_KEYS_COMMAND: ended with SIGTERM');
  expect(load('true')).toThrow('KEYRACK_KEYS_COMMAND: has printed nothing');
  expect(load('yes 2>/dev/null')).toThrow('KEYRACK_KEYS_COMMAND: ');
  expect(load('echo k1:c2hvcnQ=')).toThrow('KEYRACK_KEYS: the key "k1" must be 32 bytes in base64');
  for (const other of ['KEYRACK_KEYS', 'KEYRACK_KEYS_FILE']) {
    const file = join(mkdtempSync(join(tmpdir(), 'keyrack-ring-')), 'keys');
    writeFileSync(file, ring, { mode: 0o600 });
    expect(load(`echo '${ring}'`, { [other]: other === 'KEYRACK_KEYS' ? ring : file })).toThrow(`KEYRACK_KEYS_COMMAND and ${other} are both set: keep one`);
    rmSync(dirname(file), { recursive: true });
  }
});

test('after the start no secret is in the environment, and no diagnostic report is written', () => {
  const env = { KEYRACK_KEYS: 'x', DATABASE_URL: 'x', KEYRACK_PORT: '1' }, report = { reportOnFatalError: true, reportOnSignal: true, reportOnUncaughtException: true };
  guardSecrets(env, report);
  expect(env).toEqual({ KEYRACK_PORT: '1' });
  expect(Object.values(report)).toEqual([false, false, false]);
});
