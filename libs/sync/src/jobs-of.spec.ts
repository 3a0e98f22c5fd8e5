// Guarantees of sharing admitted runs among jobs.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunId, TenantId } from '@keyrack/core';
import type { Admitted } from './dispatch.repository.js';
import { jobsOf, RUNS_PER_JOB_MAX } from './jobs-of.js';

const JOBS_MAX = 24;
/** So many runs of each tenant, as they are admitted: in no order. */
const admit = (perTenant: readonly number[]): Admitted[] => perTenant.flatMap((runs, tenant) =>
  Array.from({ length: runs }, (_, i) => ({ tenantId: `tenant-${tenant}` as TenantId, id: `${tenant}-${i}` as RunId, admission: 1, turn: i + 1 }))).reverse();

test('while there are jobs for all, each run has its own', () => {
  expect(jobsOf(admit([16, 8]), JOBS_MAX).map((job) => job.length)).toEqual(Array(24).fill(1));
});

test('where more are ready, a job holds several runs of one tenant, the first of each tenant first', () => {
  const jobs = jobsOf(admit([16, 16, 16, 1]), JOBS_MAX);
  expect(jobs.map(([first, ...others]) => [first.tenantId, first.turn, others.length + 1]).slice(0, 5)).toEqual([['tenant-3', 1, 1], ['tenant-2', 1, 3], ['tenant-1', 1, 3], ['tenant-0', 1, 3], ['tenant-2', 4, 3]]);
});

test('every run is in exactly one job, with none of another tenant, and no job holds too many', () => {
  fc.assert(fc.property(fc.array(fc.nat(16), { maxLength: 60 }), (perTenant) => {
    const admitted = admit(perTenant), jobs = jobsOf(admitted, JOBS_MAX);
    expect(jobs.flat().map(({ id }) => id).sort()).toEqual(admitted.map(({ id }) => id).sort());
    for (const job of jobs) {
      expect(new Set(job.map(({ tenantId }) => tenantId)).size).toBe(1);
      expect(job.length).toBeLessThanOrEqual(RUNS_PER_JOB_MAX);
    }
    expect(jobs.map(([first]) => first.turn)).toEqual(jobs.map(([first]) => first.turn).sort((a, b) => a - b));
  }));
});

test('nothing admitted is no job', () => {
  expect(jobsOf([], JOBS_MAX)).toEqual([]);
});
