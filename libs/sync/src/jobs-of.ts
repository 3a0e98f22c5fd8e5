// Decides which admitted runs go to a worker together. Most runs find nothing, and then a job of its own is a third of what a run costs.
import type { Admitted } from './dispatch.repository.js';

/** Few enough that the last does not wait for long: a worker takes them one after the other. */
export const RUNS_PER_JOB_MAX = 8;

/**
 * The runs of each job, all of one tenant: one run each while that makes at most `jobsMax` jobs, so that free workers share them; else as
 * many as bring it down to about that. In the order of `turn`, so that whoever has few in hands goes first.
 */
export function jobsOf(admitted: readonly Admitted[], jobsMax: number): [Admitted, ...Admitted[]][] {
  const runsPerJob = Math.min(RUNS_PER_JOB_MAX, Math.ceil(admitted.length / jobsMax));
  const filling = new Map<string, Admitted[]>(), jobs: [Admitted, ...Admitted[]][] = [];
  for (const run of [...admitted].sort((a, b) => a.turn - b.turn)) {
    const last = filling.get(run.tenantId);
    if (last && last.length < runsPerJob) { last.push(run); continue; }
    const job: [Admitted] = [run];
    filling.set(run.tenantId, job);
    jobs.push(job);
  }
  return jobs;
}
