// The hash covers every part of an event and nothing that a round trip through jsonb changes.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { generateKey, generateKeyRing, Secret } from '@keyrack/core';
import { canonicalJson, chainKey, eventHash, type ChainedEvent } from './chain.js';

const key = chainKey(new Secret(generateKeyRing()));

const event: ChainedEvent = {
  chain: 'platform', seq: 1, id: 'e', at: new Date(0), actor: { kind: 'user', id: 'u', name: 'n' }, action: 'tenant.created', subject: { b: 1, a: [true, null] },
};

test('the order of keys does not matter, the order of items does', () => {
  expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
});

test('canonical JSON is JSON of the same value', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  }));
});

test.each<[string, Partial<ChainedEvent>]>([
  ['chain', { chain: 'tenant' }], ['position', { seq: 2 }], ['id', { id: 'f' }], ['time', { at: new Date(1) }],
  ['actor', { actor: { kind: 'user', id: 'u', name: 'm' } }], ['action', { action: 'tenant.renamed' }], ['subject', { subject: { b: 2, a: [true, null] } }],
])('another %s is another hash', (_, change) => {
  expect(eventHash(key, Buffer.alloc(0), { ...event, ...change }).equals(eventHash(key, Buffer.alloc(0), event))).toBe(false);
});

test('the hash before is part of the hash', () => {
  expect(eventHash(key, Buffer.of(1), event).equals(eventHash(key, Buffer.of(2), event))).toBe(false);
});

test('another ring makes another hash, one with other wrapping keys the same', () => {
  const [ring, other] = [generateKeyRing(), generateKeyRing()];
  const hashWith = (text: string): Buffer => eventHash(chainKey(new Secret(text)), Buffer.alloc(0), event);
  expect(hashWith(other).equals(hashWith(ring))).toBe(false);
  expect(hashWith([generateKey('k2'), ...ring.split(',').slice(1)].join(',')).equals(hashWith(ring))).toBe(true);
});
