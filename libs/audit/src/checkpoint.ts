// A checkpoint says what the end of a chain was like at a moment, signed, so that a chain which was written anew later does not pass.
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { deriveKey, parseKeyRing, type Secret } from '@keyrack/core';
import { canonicalJson } from './chain.js';

const checkpointSchema = z.strictObject({
  keyrackCheckpoint: z.literal(1), chain: z.string(), seq: z.int().min(1), hash: z.hex(), at: z.iso.datetime(), signature: z.base64url(),
});
export type Checkpoint = Omit<z.infer<typeof checkpointSchema>, 'keyrackCheckpoint' | 'signature'>;

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The Ed25519 key that signs checkpoints, derived from the ring's index key, which does not rotate. */
export function checkpointKey(keys: Secret): KeyObject {
  const der = Buffer.concat([PKCS8_ED25519, deriveKey(parseKeyRing(keys), 'audit checkpoint').export()]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** One line of JSON, without its end. */
export function signedLine(key: KeyObject, { chain, seq, hash, at }: Checkpoint): string {
  const said = { keyrackCheckpoint: 1, chain, seq, hash, at };
  return JSON.stringify({ ...said, signature: sign(null, Buffer.from(canonicalJson(said)), key).toString('base64url') });
}

/** `valid` is false for a line that this key did not sign; null for a line that is no checkpoint at all. */
export function readLine(key: KeyObject, line: string): { checkpoint: Checkpoint; valid: boolean } | null {
  const parsed = checkpointSchema.safeParse(jsonOf(line));
  if (!parsed.success) return null;
  const { signature, ...said } = parsed.data;
  const valid = verify(null, Buffer.from(canonicalJson(said)), createPublicKey(key), Buffer.from(signature, 'base64url'));
  return { checkpoint: { chain: said.chain, seq: said.seq, hash: said.hash, at: said.at }, valid };
}

function jsonOf(line: string): unknown {
  try { return JSON.parse(line); } catch { return null; }
}
