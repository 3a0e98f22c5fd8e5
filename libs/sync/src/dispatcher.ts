// One turn of dispatch: schedules that are due become runs, runs of dead workers come back, ready runs go to the queue.
import { Injectable } from '@nestjs/common';
import { Config, Database, durationMs, minuteMs, newId, secondMs, type PlatformTx, type RunId } from '@keyrack/core';
import { Queue } from '@keyrack/queue';
import { DispatchRepository, type DueSchedule, type NewRun } from './dispatch.repository.js';
import { jobsOf, RUNS_PER_JOB_MAX } from './jobs-of.js';
import { priorityOf, sourceOf } from './run.js';
import { nextRunAt } from './schedule.js';
import { Schedules } from './schedules.js';
import { Stopping } from './stopping.js';
import { syncRuns } from './sync.jobs.js';
import { entryOf } from './synced.js';

const DUE_MAX = 1_000;
/** Jobs that may wait in the queue: enough to keep workers busy between two turns, few enough that a newcomer need not wait behind them. */
const QUEUE_DEPTH_MAX = 48;
/** Choosing counts every live run: it waits until so many jobs can be admitted, while the queue still has as many. */
const ADMIT_AT_ONCE = QUEUE_DEPTH_MAX / 2;
const PER_TENANT_MAX = 16;
/** An admitted run that no worker claimed within this time is admitted again: its job was lost with the queue, or on the way there. */
const CLAIM_WITHIN_MS = 20 * secondMs;
/** Where no job waits in the queue any more, it was not waiting that took so long. */
const CLAIM_FROM_EMPTY_MS = 3 * secondMs;
const PAUSED_RECHECK_MS = 5 * minuteMs;
/** Schedules that are late by more were held up by an outage, and with them all others: they start spread over some time, not at once. */
const LATE_MS = minuteMs;
const SPREAD_MS = 1.5 * minuteMs;

@Injectable()
export class Dispatcher {
  constructor(private readonly db: Database, private readonly dispatch: DispatchRepository, private readonly queue: Queue, private readonly schedules: Schedules, private readonly stopping: Stopping, private readonly config: Config) {}

  /** Returns how many runs went to the queue. Several processes may call it at once; one of them does the work. */
  async turn(): Promise<number> {
    const { waiting } = await this.queue.depth();
    const slots = QUEUE_DEPTH_MAX - waiting;
    const admitted = await this.db.onPlatform('dispatch', async (tx) => {
      const todo = await this.dispatch.lead(tx);
      if (!todo) return [];
      if (todo.lost) {
        await this.dispatch.reap(tx, this.config.leaseMs);
        await this.dispatch.release(tx);
      }
      if (todo.due) await this.#startDue(tx);
      return slots >= ADMIT_AT_ONCE ? this.dispatch.admit(tx, { tenants: slots, runs: slots * RUNS_PER_JOB_MAX, perTenant: PER_TENANT_MAX, claimMs: waiting === 0 ? CLAIM_FROM_EMPTY_MS : CLAIM_WITHIN_MS }) : [];
    });
    // After the commit: a worker that was quicker than the transaction would find nothing to claim.
    for (const [first, ...others] of jobsOf(admitted, slots)) {
      await this.queue.enqueue(syncRuns, { tenantId: first.tenantId, runIds: [first, ...others].map(({ id }) => id) }, { id: `${first.id}.${first.admission}`, place: first.turn });
    }
    return admitted.length;
  }

  /** Gives connected enterprises the schedules that they should have had from the start, and ends runs that should have ended. */
  async repair(): Promise<void> {
    await this.stopping.repair();
    const missing = await this.db.onPlatform('schedule repair', (tx) => this.dispatch.unscheduled(tx));
    for (const { tenantId, enterpriseId } of missing) await this.schedules.ensureDefaults({ kind: 'system', id: 'schedule.repair', name: 'schedule.repair', tenantId }, [enterpriseId]);
  }

  async #startDue(tx: PlatformTx): Promise<void> {
    const due = await this.dispatch.due(tx, DUE_MAX);
    if (due.length === 0) return;
    const now = new Date();
    await this.dispatch.reschedule(tx, due.map((one) => ({ id: one.id, tenantId: one.tenantId, at: one.usable ? nextRunAt(one, now) : new Date(now.getTime() + PAUSED_RECHECK_MS) })));
    await this.dispatch.createRuns(tx, due.filter((one) => one.usable).map((one) => runOf(one, now)));
  }
}

function runOf(due: DueSchedule, now: Date): NewRun {
  const entry = entryOf(due.collection);
  const delayMs = now.getTime() - due.dueAt.getTime() > LATE_MS ? Math.round(Math.random() * SPREAD_MS) : 0;
  return { tenantId: due.tenantId, id: newId<RunId>(), collection: due.collection, source: sourceOf(entry, due), enterpriseId: due.enterpriseId, accessTokenId: due.accessTokenId, priority: priorityOf(entry, 'due'), firstPriority: priorityOf(entry, 'long'), restMs: Math.round((durationMs(due.every ?? '') ?? minuteMs) / 2), delayMs };
}
