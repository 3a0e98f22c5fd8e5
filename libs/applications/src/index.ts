// Environments and the vendor's applications.
export { authenticateEnvironments } from './addresses.js';
export * from './applications.js';
export * from './applications.module.js';
export * from './environments.js';
export { sealedClientTokens } from './sealed.js';
