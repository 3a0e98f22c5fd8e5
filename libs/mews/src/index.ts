export * from './collection-entry.js';
export * from './collections.js';
export * from './mews-error.js';
export * from './page-record.js';
export * from './page-request.js';
