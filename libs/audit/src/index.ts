// The append-only audit trail.
export * from './audit.js';
export * from './audit.module.js';
export * from './audit-row.js';
export { AuditVerifier, verificationSchema, type Verification } from './audit-verifier.js';
export { checkpointKey } from './checkpoint.js';
export { Checkpoints } from './checkpoints.js';
export { canonicalJson, chainKey, eventHash, unkeyedHash, type ChainedEvent } from './chain.js';
export type { AuditAction, AuditEvent } from './event.js';
