// Schedules, runs, records and changes: the sync engine.
export * from './blast-radius.js';
export * from './dispatcher.js';
export * from './ledger-cleaning.js';
export * from './overview.js';
export * from './records.js';
export * from './run.js';
export * from './runner.js';
export * from './runs.js';
export * from './schedule.js';
export * from './schedules.js';
export * from './stats.js';
export * from './preview.js';
export * from './stopping.js';
export * from './sync-operations.js';
export * from './sync-request.js';
export * from './sync.jobs.js';
export * from './sync.module.js';
export { sealedRecords } from './sealed.js';
