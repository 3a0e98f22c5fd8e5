// A key holds 160 random bits, and its checksum tells it from noise.
import { expect, test } from '@jest/globals';
import { isApiKey, newApiKey } from './api-key.js';

test('a new key has its form, is never the same, and passes its checksum', () => {
  const keys = Array.from({ length: 1_000 }, () => newApiKey().reveal());
  expect(new Set(keys).size).toBe(1_000);
  for (const key of keys) expect([/^kr_[a-z2-7]{38}$/.test(key), isApiKey(key)]).toEqual([true, true]);
  // 32 letters of 5 bits: each of them takes every value.
  for (let i = 3; i < 35; i += 1) expect(new Set(keys.map((key) => key[i])).size).toBe(32);
});

test('a key with a typing error does not pass', () => {
  const key = newApiKey().reveal();
  for (let i = 3; i < key.length; i += 1) expect(isApiKey(key.slice(0, i) + (key[i] === 'a' ? 'b' : 'a') + key.slice(i + 1))).toBe(false);
  expect(isApiKey(`${key}a`)).toBe(false);
});
