// What a person types where a key is asked for does not become an administrator's key.
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Secret } from '@keyrack/core';
import { guessable } from './bootstrap-key.js';

test.each([
  ['short', /at least 16/], ['x'.repeat(40), /different/], ['0101010101010101', /different/],
  ['changeme-changeme', /again and again/], ['Changeme-changeme-change', /again and again/], ['0123456789-0123456789', /again and again/], ['correct horse correct horse', /again and again/],
  ['change-me-password', /everybody tries/], ['keyrack-bootstrap-key', /everybody tries/], ['admin-password-123', /everybody tries/], ['my-secret-api-key-1', /everybody tries/],
])('%s can be guessed', (text, why) => {
  expect(guessable(new Secret(text))).toMatch(why);
});

test('what is random passes, and so does what is long enough and nobody\'s first guess', () => {
  for (let i = 0; i < 1_000; i += 1) {
    for (const text of [randomBytes(24).toString('hex'), randomBytes(12).toString('base64'), randomBytes(18).toString('base64url')]) expect(guessable(new Secret(text))).toBeUndefined();
  }
  for (const text of ['bench-bootstrap-key-0123456789abcdef', 'keyrack-bootstrap-key-for-checks-1234567890']) expect(guessable(new Secret(text))).toBeUndefined();
});
