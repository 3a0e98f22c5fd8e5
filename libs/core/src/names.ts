// Names that people give to things: one line of visible text.
import { z } from 'zod';

export const nameSchema = z.string().trim().min(1, 'is required').max(200, 'must have at most 200 characters')
  // Control characters and lone surrogates cannot be stored in jsonb, where the audit trail keeps names.
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not contain control characters');
