// Which AccessToken opens which enterprise, since when; and which one is used.
export * from './audit-list.js';
export * from './connections.js';
export * from './enterprises.js';
export * from './reach.js';
export * from './reach.module.js';
export * from './reach.repository.js';
export * from './reach.schemas.js';
export * from './reach-audit.js';
export * from './reach-audit.repository.js';
export * from './reach-audit.schemas.js';
export * from './reach.service.js';
