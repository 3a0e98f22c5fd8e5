// Envelope encryption: the vault, its sealers, fingerprints.
export * from './credentials.module.js';
export { Sealer, type Binding } from './sealer.js';
export * from './vault.js';
