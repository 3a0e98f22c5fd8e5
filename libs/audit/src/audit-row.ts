// The audit trail as callers see it: rows, filters, CSV.
import { z } from 'zod';
import { cursorSchema, limitSchema } from '@keyrack/core';

export const auditRowSchema = z.object({
  seq: z.int(), id: z.guid(), at: z.iso.datetime(),
  actor: z.object({ kind: z.enum(['user', 'api_key', 'system']), id: z.string(), name: z.string() }),
  action: z.string(),
  subject: z.record(z.string(), z.unknown()).describe('Ids and values before and after; never a secret'),
}).meta({ id: 'AuditEvent' });
export type AuditRow = z.infer<typeof auditRowSchema>;

// As a date: of its text Postgres takes fewer years than JavaScript.
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).meta({ format: 'date-time' });

const filter = z.strictObject({
  actor: z.string().max(200).optional().describe('Id or name of who did it'),
  action: z.string().max(100).optional().describe('An action such as tenant.created, or a noun such as tenant'),
  from: moment.optional().describe('At or after this time'),
  to: moment.optional().describe('Before this time'),
});
export type AuditFilter = z.infer<typeof filter>;

export const auditQuerySchema = filter.extend({ limit: limitSchema, cursor: cursorSchema })
  .refine(({ from, to }) => !from || !to || from <= to, { path: ['from'], error: 'must be before the end of the period' });
export type AuditQuery = z.infer<typeof auditQuerySchema>;

export const auditCsvColumns = ['seq', 'at', 'actor_kind', 'actor_id', 'actor_name', 'action', 'subject'] as const;

export const auditCsvRow = (row: AuditRow): (string | number)[] =>
  [row.seq, row.at, row.actor.kind, row.actor.id, row.actor.name, row.action, JSON.stringify(row.subject)];
