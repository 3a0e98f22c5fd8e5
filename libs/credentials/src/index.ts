// Envelope encryption: the vault, its sealers, fingerprints.
export * from './credentials.module.js';
export * from './key-status.js';
export { Refusals } from './refusals.js';
export * from './ring.js';
export * from './rotation.js';
export type { SealedColumn } from './sealed-column.js';
export { OVERHEAD_BYTES, Sealer, type Binding } from './sealer.js';
export { Vault, type Addresses } from './vault.js';
