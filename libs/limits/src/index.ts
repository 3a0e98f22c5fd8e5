// How many requests an address, a caller and a tenant may send.
export * from './limits.module.js';
export { RequestLimits, type Counted, type LimitKind } from './request-limits.js';
