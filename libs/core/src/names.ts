// Names that people give to things: one line of visible text.
import { z } from 'zod';

// Control characters and lone surrogates cannot be stored in jsonb, where the audit trail keeps names, and what is answered under an Idempotency-Key.
// Line separators, and what turns the text around it round, would let a name change how the rest of a line reads, in a trail or a file.
export const INVISIBLE = 'must not contain control characters, line separators, or marks that turn the text around';
export const visible = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u;

/** What one of Mews' tokens looks like: where names and keys are shown or stored as they are, it has been put into the wrong place. */
export const tokenShaped = /[0-9a-f]{32}-[0-9a-f]{31}/i;

export const withoutToken = (text: string): boolean => !tokenShaped.test(text);
export const HAS_TOKEN = 'has a token in it, which would be stored and shown: take it out';

export const nameSchema = z.string().trim().min(1, 'is required').max(200, 'must have at most 200 characters')
  .regex(visible, INVISIBLE).refine((name) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), 'must have a letter, a digit or a sign')
  .refine(withoutToken, HAS_TOKEN);
