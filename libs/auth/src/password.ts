// Passwords, as argon2id. A check takes the same time whether the account exists or not.
import { randomBytes } from 'node:crypto';
import { hash, verify, type Options } from '@node-rs/argon2';
import { z } from 'zod';
import { Secret } from '@keyrack/core';

// OWASP's choice for argon2id: 19 MiB, two passes. (2 is the package's const enum Argon2id, which isolated modules cannot read.)
const OPTIONS: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const passwordSchema = z.string().min(12, 'must have at least 12 characters').max(200, 'must have at most 200 characters').transform((text) => new Secret(text));

export const currentPasswordSchema = z.string().min(1, 'is required').max(200).transform((text) => new Secret(text)).describe('The password until now');

export const hashPassword = (password: Secret): Promise<string> => hash(password.reveal(), OPTIONS);

let nobodysHash: Promise<string> | undefined;

/** @param stored undefined for an account that does not exist or has no password: the work is done all the same, and the answer is false. */
export async function isPassword(password: Secret, stored: string | undefined): Promise<boolean> {
  nobodysHash ??= hashPassword(new Secret(randomBytes(24).toString('base64')));
  const matches = await verify(stored ?? await nobodysHash, password.reveal());
  return matches && stored !== undefined;
}
