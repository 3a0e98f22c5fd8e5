// Defines, enqueues and runs jobs; the only user of BullMQ.
export { defineJob, definedJobs, Processes, type Job, type JobContext, type JobHandler, type PayloadOf } from './job.js';
export * from './job-runner.js';
export * from './prepare.js';
export * from './queue.js';
export * from './queue.module.js';
