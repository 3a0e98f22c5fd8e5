export * from './collection-entry.js';
