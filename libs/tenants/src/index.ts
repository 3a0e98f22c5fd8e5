// The vendor's customers.
export { Erasure } from './erasure.js';
export * from './operations.js';
export * from './tenants.js';
export * from './tenants.jobs.js';
export * from './tenants.module.js';
