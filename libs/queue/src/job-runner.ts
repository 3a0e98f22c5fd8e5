// Takes jobs from the queue and hands each to its handler. What a handler throws is logged and ends that job only; whether and
// when the work is tried again is decided by the run ledger, never by the queue.
import { Worker, type IQueueBackend, type Job as BullJob } from 'bullmq';
import type { Config, Logger } from '@keyrack/core';
import { errorLog } from './error-log.js';
import { definedJobs, parsePayload, processedBy, type Job, type JobContext, type JobHandler } from './job.js';
import { openStore, QUEUE_NAME, type Store, type StoreConfig } from './store.js';

export type RunnerConfig = StoreConfig & Pick<Config, 'workerConcurrency' | 'leaseMs'>;

export interface JobRunnerOptions {
  /** Instances of classes marked with `@Processes`. */
  handlers: readonly JobHandler<never>[];
  /** The jobs that need a handler; all that are defined, unless told. */
  jobs?: readonly Job[];
  /** A stop asks handlers to end, lets them for this long, then aborts their signals, */
  finishMs?: number;
  /** and after this much longer leaves them. Together below the 10 s after which supervisors kill. */
  abortMs?: number;
}

// BullMQ fails a job for good when its worker died more often than this. That is the ledger's decision, which counts deaths itself.
const DEATHS_ALLOWED = 1_000_000;
// BullMQ waits 15 s by default before it asks again a store that refused the connection.
const RETRY_MS = 500;
const STOP = new Error('the worker stops');

type BullWorker = Worker<unknown, void, string, IQueueBackend, number, object>;
type Task = { job: Job; handler: JobHandler<never> };

export class JobRunner {
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #running = new Map<BullJob<unknown, void>, AbortController>();
  readonly #logger: Logger;
  readonly #config: RunnerConfig;
  readonly #finishMs: number;
  readonly #abortMs: number;
  readonly #asked = new AbortController();
  #worker: BullWorker | undefined;
  #store: Store | undefined;
  #stopping: Promise<void> | undefined;
  #handled = 0;
  #failed = 0;

  /** @throws Error when a job has no handler or two, or a handler no job. */
  constructor(config: RunnerConfig, logger: Logger, { handlers, jobs = definedJobs(), finishMs = 5_000, abortMs = 3_000 }: JobRunnerOptions) {
    this.#config = config;
    this.#logger = logger;
    this.#finishMs = finishMs;
    this.#abortMs = abortMs;
    this.#tasks = assign(jobs, handlers);
  }

  /** Jobs being worked on now, and ended since the start. */
  get activity(): { running: number; handled: number; failed: number } {
    return { running: this.#running.size, handled: this.#handled, failed: this.#failed };
  }

  /** Connects and begins to take jobs. */
  async start(): Promise<void> {
    const store = await openStore(this.#config, 'work', this.#logger);
    this.#store = store;
    const worker: BullWorker = new Worker(QUEUE_NAME, (job) => this.#run(job), {
      connection: {},
      concurrency: this.#config.workerConcurrency,
      removeOnComplete: { count: 0 }, removeOnFail: { count: 0 },
      // A dead worker's job is handed out again when its lock has run out and two checks have seen it: soon after the ledger's
      // lease has ended. BullMQ's own 30 s each made it a minute.
      lockDuration: this.#config.leaseMs, stalledInterval: Math.ceil(this.#config.leaseMs / 3), maxStalledCount: DEATHS_ALLOWED,
      runRetryDelay: RETRY_MS,
    }, store.backend);
    this.#worker = worker;
    worker.on('error', errorLog(this.#logger, 'queue store error'));
    worker.on('stalled', (id) => this.#logger.warn({ id }, 'job of a worker that died, handed out again'));
    await worker.waitUntilReady();
  }

  /** Takes no more jobs and resolves when the running ones have ended, or were left after `finishMs` + `abortMs`. */
  stop(): Promise<void> {
    return this.#stopping ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#asked.abort(STOP);
    const closed = Promise.resolve(this.#worker?.close()).then(() => this.#store?.close());
    if (await endsWithin(this.#finishMs, closed)) return;
    for (const controller of this.#running.values()) controller.abort(STOP);
    if (await endsWithin(this.#abortMs, closed)) return;
    // Without its connections the worker cannot renew the locks, so the jobs go to others although this process may live on.
    void this.#store?.close();
    this.#logger.warn({ jobs: [...this.#running.keys()].map((job) => job.id) }, 'stopped without waiting for these jobs');
  }

  async #run(job: BullJob<unknown, void>): Promise<void> {
    const task = this.#tasks.get(job.name);
    // During a rolling update an older worker meets newer jobs. The ledger enqueues the work again.
    if (!task) { this.#logger.warn({ job: job.name, id: job.id }, 'job of an unknown name dropped'); return; }
    const controller = new AbortController();
    this.#running.set(job, controller);
    try {
      await perform(task, job.data, { signal: controller.signal, stopping: this.#asked.signal });
    } catch (error) {
      // Not thrown on to BullMQ: it would store the message, and what a message holds is not ours to know.
      this.#failed++;
      this.#logger.error({ job: job.name, id: job.id, error: describe(error) }, 'job failed');
    } finally {
      this.#handled++;
      this.#running.delete(job);
    }
  }
}

const perform = async ({ job, handler }: Task, data: unknown, context: JobContext): Promise<unknown> =>
  // `Processes` has checked that the handler takes what the job's schema gives; a map of all jobs cannot say so.
  handler.handle(parsePayload(job, data) as never, context);

function assign(jobs: readonly Job[], handlers: readonly JobHandler<never>[]): Map<string, Task> {
  const tasks = new Map<string, Task>();
  for (const handler of handlers) {
    const job = processedBy(handler);
    if (!job) throw new Error(`${handler.constructor.name} is not marked with @Processes`);
    const other = tasks.get(job.name)?.handler;
    if (other) throw new Error(`the job "${job.name}" has two handlers: ${other.constructor.name} and ${handler.constructor.name}`);
    tasks.set(job.name, { job, handler });
  }
  const missing = jobs.filter((job) => !tasks.has(job.name)).map((job) => `"${job.name}"`);
  if (missing.length > 0) throw new Error(`no handler for the job ${missing.join(', ')}: list its processor in the worker's module`);
  return tasks;
}

/** Chosen fields only: database errors carry rows in `detail`, HTTP errors requests. */
const describe = (error: unknown): Record<string, unknown> => error instanceof Error
  ? { name: error.name, message: error.message, stack: error.stack, ...('code' in error ? { code: error.code } : {}) }
  : { message: 'something other than an error was thrown' };

async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => { timer = setTimeout(resolve, ms, false); });
  try { return await Promise.race([work.then(() => true), late]); } finally { clearTimeout(timer); }
}
