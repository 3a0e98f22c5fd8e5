// What callers present is stored as an HMAC: whoever has the table alone cannot try keys against it.
import { expect, test } from '@jest/globals';
import { generateKey, generateKeyRing, Secret } from '@keyrack/core';
import { Hasher } from './hasher.js';

const ring = generateKeyRing(), ofRing = (text: string) => new Hasher({ keys: new Secret(text) });
const purposes = ['api key', 'session', 'csrf', 'request', 'access link'] as const;

test('two rings give different hashes of one text, whatever it is for; another wrapping key changes nothing', () => {
  const [one, other, rotated] = [ofRing(ring), ofRing(generateKeyRing()), ofRing(`${generateKey('k2')},${ring}`)];
  for (const purpose of purposes) {
    expect(one.hash(purpose, 'kr_text').equals(other.hash(purpose, 'kr_text'))).toBe(false);
    expect(rotated.hash(purpose, 'kr_text')).toEqual(one.hash(purpose, 'kr_text'));
  }
});

test('a text has another hash for each purpose, and each text its own', () => {
  const hasher = ofRing(ring), hashes = purposes.flatMap((purpose) => ['kr_one', 'kr_two'].map((text) => hasher.hash(purpose, text).toString('hex')));
  expect(new Set(hashes).size).toBe(hashes.length);
});
