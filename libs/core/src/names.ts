// Names that people give to things: one line of visible text.
import { z } from 'zod';

// Control characters and lone surrogates cannot be stored in jsonb, where the audit trail keeps names, and what is answered under an Idempotency-Key.
export const visible = /^[^\p{Cc}\p{Cs}]*$/u;

export const nameSchema = z.string().trim().min(1, 'is required').max(200, 'must have at most 200 characters')
  .regex(visible, 'must not contain control characters');
