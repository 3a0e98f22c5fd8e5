// Envelope encryption: the vault, its sealers, fingerprints.
export * from './credentials.module.js';
export { OVERHEAD_BYTES, Sealer, type Binding } from './sealer.js';
export * from './vault.js';
