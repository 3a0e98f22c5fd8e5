// What a person types where a key is asked for does not become an administrator's key.
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Secret } from '@keyrack/core';
import { newApiKey } from './api-key.js';
import { faultOf } from './bootstrap-key.js';

test.each([
  ['short', /at least 16/], ['x'.repeat(40), /different/], ['0101010101010101', /different/],
  ['changeme-changeme', /again and again/], ['Changeme-changeme-change', /again and again/], ['0123456789-0123456789', /again and again/], ['correct horse correct horse', /again and again/],
  ['change-me-password', /everybody tries/], ['keyrack-bootstrap-key', /everybody tries/], ['admin-password-123', /everybody tries/], ['my-secret-api-key-1', /everybody tries/],
])('%s can be guessed', (text, why) => {
  expect(faultOf(new Secret(text))).toMatch(why);
});

test('what is random passes, and so does what is long enough and nobody\'s first guess', () => {
  for (let i = 0; i < 1_000; i += 1) {
    for (const text of [randomBytes(24).toString('hex'), randomBytes(12).toString('base64'), randomBytes(18).toString('base64url')]) expect(faultOf(new Secret(text))).toBeUndefined();
  }
  for (const text of ['bench-bootstrap-key-0123456789abcdef', 'keyrack-bootstrap-key-for-checks-1234567890']) expect(faultOf(new Secret(text))).toBeUndefined();
});

test('a key in the form of those that Keyrack makes passes only with its checksum: without it, it would be refused at every request', () => {
  const key = newApiKey().reveal();
  expect(faultOf(new Secret(key))).toBeUndefined();
  expect(faultOf(new Secret(key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a')))).toMatch(/checksum/);
});
