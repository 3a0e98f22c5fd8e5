// Puts jobs into the queue. The queue only says "now": what must happen is in Postgres, and a job that is lost is enqueued again.
import { randomUUID } from 'node:crypto';
import { Queue as BullQueue, type IQueueBackend } from 'bullmq';
import type { Logger } from '@keyrack/core';
import { errorLog } from './error-log.js';
import { parsePayload, type Job, type PayloadOf } from './job.js';
import { openStore, QUEUE_NAME, within, type Store, type StoreConfig } from './store.js';

const ANSWER_WITHIN_MS = 5_000;
// Nobody reads BullMQ's event stream; by default it would keep 10,000 entries.
const EVENTS_KEPT = 100;

/**
 * `id` dedupes, within one kind of job: while one with this id waits, is delayed or runs, another is ignored. `place`: of those that wait,
 * the lowest goes first, from 1 on; those without one before all.
 */
export interface EnqueueOptions { id?: string; delayMs?: number; place?: number }

export interface QueueDepth { waiting: number; active: number; delayed: number }

type Bull = BullQueue<object, void, string, object, void, string, IQueueBackend, object>;

export class Queue {
  readonly #store: Store;
  readonly #bull: Bull;

  private constructor(store: Store, bull: Bull) {
    this.#store = store;
    this.#bull = bull;
  }

  /** Connects to the store; waits up to 30 s for it. */
  static async open(config: StoreConfig, logger: Logger): Promise<Queue> {
    const store = await openStore(config, 'produce', logger);
    const bull: Bull = new BullQueue(QUEUE_NAME, {
      connection: {},
      streams: { events: { maxLen: EVENTS_KEPT } },
      // One attempt and no memory: retries, leases and poison counting belong to the run ledger, which must be free to use an id again.
      defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    }, store.backend);
    bull.on('error', errorLog(logger, 'queue store error'));
    return new Queue(store, bull);
  }

  /**
   * Hands a job to the workers, at once or after `delayMs`.
   * @throws Error when the payload does not fit the job, or the store does not answer within 5 s; the job may be there all the same then.
   */
  async enqueue<J extends Job>(job: J, payload: PayloadOf<J>, { id = randomUUID(), delayMs, place }: EnqueueOptions = {}): Promise<void> {
    const data = parsePayload(job, payload);
    // A slash, because BullMQ refuses ids with a colon. Never without an id: the counter that BullMQ would use needs rights to create it.
    const jobId = `${job.name}/${id.replaceAll(':', '-')}`;
    await within(ANSWER_WITHIN_MS, this.#bull.add(job.name, data, { jobId, ...(delayMs && { delay: delayMs }), ...(place && { priority: place }) }));
  }

  /** How many jobs there are: to be taken at once, being worked on, and parked until later. */
  async depth(): Promise<QueueDepth> {
    const counts = await within(ANSWER_WITHIN_MS, this.#bull.getJobCounts('waiting', 'prioritized', 'active', 'delayed'));
    return { waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0), active: counts['active'] ?? 0, delayed: counts['delayed'] ?? 0 };
  }

  /** Resolves when the store answers; for readiness. */
  async ping(): Promise<void> { await within(ANSWER_WITHIN_MS, this.#store.ping()); }

  async close(): Promise<void> {
    await this.#bull.close();
    await this.#store.close();
  }
}
