// The append-only audit trail.
export * from './audit.js';
export * from './audit.module.js';
export * from './audit-row.js';
export { canonicalJson, eventHash, type ChainedEvent } from './chain.js';
export type { AuditAction, AuditEvent } from './event.js';
