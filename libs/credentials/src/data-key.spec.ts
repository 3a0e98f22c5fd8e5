// A data key opens for its owner and id only, goes on under another ring key, and hands its key of content hashes to the next one.
import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { generateKey, generateKeyRing, parseKeyRing, Secret, type KeyRing } from '@keyrack/core';
import { newWrappedKey, rewrapKey, unwrapKey, type WrappedKey } from './data-key.js';
import { lengthPrefixed } from './sealer.js';

const text = generateKeyRing();
const ring = parseKeyRing(new Secret(text)), later = parseKeyRing(new Secret(`${generateKey('k2')},${text}`));

/** As format 1 had it: the data key alone. */
function formatOne(of: KeyRing, bytes: Buffer): WrappedKey {
  const key = of.wrapping.get('k1'), nonce = randomBytes(12);
  if (!key) throw new Error('no key');
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(lengthPrefixed(['keyrack data key 1', 'tenant-a', '1', 'k1']));
  return { keyId: 1, wrapped: Buffer.concat([Buffer.of(1), nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]), ringKey: 'k1' };
}

test('a key of the first format opens, and stays what it was under another ring key', () => {
  const bytes = randomBytes(32), stored = formatOne(ring, bytes);
  const first = unwrapKey(ring, 'tenant-a', stored);
  expect(first.key.export()).toEqual(bytes);
  expect(first.hashKey.export()).toEqual(Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), 'keyrack content hash', 32)));
  const moved = rewrapKey(later, 'tenant-a', stored), opened = unwrapKey(later, 'tenant-a', moved);
  expect(moved.ringKey).toBe('k2');
  expect([opened.key.equals(first.key), opened.hashKey.equals(first.hashKey)]).toEqual([true, true]);
});

test('the next data key is another one, and hashes content as the one before did', () => {
  const first = unwrapKey(ring, 'tenant-a', newWrappedKey(ring, 'tenant-a', 1));
  const second = unwrapKey(ring, 'tenant-a', newWrappedKey(ring, 'tenant-a', 2, first));
  expect([second.id, second.key.equals(first.key), second.hashKey.equals(first.hashKey)]).toEqual([2, false, true]);
});

test('it does not open for another owner, another id, under another ring key, cut or altered', () => {
  const stored = newWrappedKey(later, 'tenant-a', 1), altered = Buffer.from(stored.wrapped);
  altered[20] = (altered[20] ?? 0) ^ 1;
  const open = (scope: string, change: Partial<WrappedKey>) => () => unwrapKey(later, scope, { ...stored, ...change });
  expect(open('tenant-a', {})).not.toThrow();
  for (const refused of [
    open('tenant-b', {}), open('tenant-a', { keyId: 2 }), open('tenant-a', { ringKey: 'k1' }), open('tenant-a', { ringKey: 'k3' }),
    open('tenant-a', { wrapped: altered }), open('tenant-a', { wrapped: stored.wrapped.subarray(0, -1) }), open('tenant-a', { wrapped: Buffer.concat([Buffer.of(1), stored.wrapped.subarray(1)]) }),
  ]) expect(refused).toThrow(expect.objectContaining({ code: 'secret.unreadable' }));
});
