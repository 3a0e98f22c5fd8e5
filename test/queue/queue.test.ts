// What the queue promises, on each of its stores.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { defineJob, JobRunner, Processes, Queue, type JobContext, type JobHandler, type JobRunnerOptions, type PayloadOf } from '@keyrack/queue';
import { silent, stores, type TestStore } from './stores.js';

const greet = defineJob('test.greet', z.object({ who: z.string().min(1).toLowerCase() }));
type Greet = PayloadOf<typeof greet>;

@Processes(greet)
class Greeter implements JobHandler<Greet> {
  readonly greeted: string[] = [];
  active = 0;
  mostActive = 0;
  constructor(readonly work: (payload: Greet, context: JobContext) => Promise<unknown> = async () => undefined) {}
  async handle(payload: Greet, context: JobContext): Promise<void> {
    this.mostActive = Math.max(this.mostActive, ++this.active);
    try {
      await this.work(payload, context);
      this.greeted.push(payload.who);
    } finally { this.active--; }
  }
}

async function until(condition: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  for (const deadline = Date.now() + ms; !(await condition()); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${condition}`);
  }
}

for (const store of stores) if (store.skip) console.warn(`queue tests on ${store.name} skipped: ${store.skip}`);

for (const { name, skip, open } of stores) (skip ? describe.skip : describe)(`on ${name}`, () => {
  let store: TestStore;
  let queue: Queue;
  const runners: JobRunner[] = [];

  beforeAll(async () => {
    store = await open();
    queue = await Queue.open(store.config, silent);
  });
  afterAll(async () => {
    await queue?.close();
    await store?.drop();
  });
  beforeEach(() => store.empty());
  afterEach(async () => { await Promise.all(runners.splice(0).map((runner) => runner.stop())); });

  async function work(greeter: Greeter, options: Partial<JobRunnerOptions> = {}): Promise<JobRunner> {
    const runner = new JobRunner(store.config, silent, { handlers: [greeter], finishMs: 500, abortMs: 500, ...options });
    runners.push(runner);
    await runner.start();
    return runner;
  }

  test('a job reaches its handler with its payload parsed, and is forgotten', async () => {
    const greeter = new Greeter();
    await work(greeter);
    await queue.enqueue(greet, { who: 'Ada' });
    await until(() => greeter.greeted.length === 1);
    expect(greeter.greeted).toEqual(['ada']);
    await until(async () => (await queue.depth()).active === 0);
    expect(await queue.depth()).toEqual({ waiting: 0, active: 0, delayed: 0 });
  });

  test('an idle worker takes a job within 100 ms', async () => {
    const greeter = new Greeter();
    await work(greeter);
    await sleep(200);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const at = performance.now();
      await queue.enqueue(greet, { who: `n${i}` });
      await until(() => greeter.greeted.length === i + 1);
      waits.push(performance.now() - at);
      await sleep(20);
    }
    waits.sort((a, b) => a - b);
    const median = waits[Math.floor(waits.length / 2)];
    process.stderr.write(`${name}: a job is handled ${median?.toFixed(1)} ms after enqueue (median)\n`);
    expect(median).toBeLessThan(100);
  });

  test('a payload that does not fit is refused on enqueue, without its values in the message', async () => {
    const error = await queue.enqueue(greet, JSON.parse('{"who": 7391}') as Greet).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('who');
    expect(String(error)).not.toContain('7391');
    expect((await queue.depth()).waiting).toBe(0);
  });

  test('a payload that no longer fits is dropped on dequeue and the next job is taken', async () => {
    const older = { ...greet, payload: z.object({ name: z.string() }) };
    const greeter = new Greeter();
    await queue.enqueue(older, { name: 'Ada' });
    await queue.enqueue(greet, { who: 'Bob' });
    const runner = await work(greeter);
    await until(() => greeter.greeted.length === 1);
    await until(() => runner.activity.failed === 1);
    expect(greeter.greeted).toEqual(['bob']);
    await until(async () => (await queue.depth()).active === 0);
    expect((await queue.depth()).waiting).toBe(0);
  });

  test('fields that the schema does not know never reach the store', async () => {
    const seen: unknown[] = [];
    const wider = { ...greet, payload: z.looseObject({ who: z.string() }) };
    await queue.enqueue(greet, Object.assign({ who: 'Ada' }, { secret: 'x' }));
    const spy = { work: async (payload: unknown) => { seen.push(payload); } };
    @Processes(wider)
    class Spy { async handle(payload: unknown): Promise<void> { await spy.work(payload); } }
    const runner = new JobRunner(store.config, silent, { handlers: [new Spy()] });
    runners.push(runner);
    await runner.start();
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ who: 'ada' }]);
  });

  test('an id dedupes while its job waits or runs, and is free again afterwards', async () => {
    let release = (): void => undefined;
    const greeter = new Greeter(() => new Promise<void>((resolve) => { release = resolve; }));
    await queue.enqueue(greet, { who: 'Ada' }, { id: 'a:1' });
    await queue.enqueue(greet, { who: 'Eve' }, { id: 'a:1' });
    expect((await queue.depth()).waiting).toBe(1);
    await work(greeter);
    await until(() => greeter.active === 1);
    await queue.enqueue(greet, { who: 'Eve' }, { id: 'a:1' });
    expect(await queue.depth()).toMatchObject({ waiting: 0, active: 1 });
    release();
    await until(() => greeter.greeted.length === 1);
    await until(async () => (await queue.depth()).active === 0);
    await queue.enqueue(greet, { who: 'Bob' }, { id: 'a:1' });
    await until(() => greeter.active === 1);
    release();
    await until(() => greeter.greeted.length === 2);
    expect(greeter.greeted).toEqual(['ada', 'bob']);
  });

  test('a delayed job waits for its time and not much longer', async () => {
    const greeter = new Greeter();
    await work(greeter);
    await sleep(100);
    const at = Date.now();
    await queue.enqueue(greet, { who: 'Ada' }, { delayMs: 600 });
    expect((await queue.depth()).delayed).toBe(1);
    await until(() => greeter.greeted.length === 1);
    expect(Date.now() - at).toBeGreaterThanOrEqual(590);
    expect(Date.now() - at).toBeLessThan(1_600);
  });

  test('a worker runs as many jobs at a time as its concurrency, no more', async () => {
    const greeter = new Greeter(() => sleep(50));
    await Promise.all(Array.from({ length: 20 }, (_, i) => queue.enqueue(greet, { who: `n${i}` })));
    await work(greeter);
    await until(() => greeter.greeted.length === 20);
    expect(greeter.mostActive).toBe(4);
  });

  test('each job is taken by one of several workers', async () => {
    const [one, two] = [new Greeter(() => sleep(5)), new Greeter(() => sleep(5))];
    await Promise.all([work(one), work(two)]);
    await Promise.all(Array.from({ length: 60 }, (_, i) => queue.enqueue(greet, { who: `n${i}` })));
    await until(() => one.greeted.length + two.greeted.length === 60);
    await sleep(100);
    expect(new Set([...one.greeted, ...two.greeted]).size).toBe(60);
    expect(one.greeted.length + two.greeted.length).toBe(60);
  });

  test('a handler that throws ends its job only, and frees the id', async () => {
    const greeter = new Greeter(async ({ who }) => { if (who === 'ada') throw new Error('refused'); });
    const runner = await work(greeter);
    await queue.enqueue(greet, { who: 'Ada' }, { id: '1' });
    await until(() => runner.activity.failed === 1);
    await until(async () => (await queue.depth()).active === 0);
    await queue.enqueue(greet, { who: 'Bob' }, { id: '1' });
    await until(() => greeter.greeted.length === 1);
    expect(greeter.greeted).toEqual(['bob']);
  });

  test('a stop takes nothing new and lets the running job finish', async () => {
    const greeter = new Greeter(() => sleep(200));
    const runner = new JobRunner({ ...store.config, workerConcurrency: 1 }, silent, { handlers: [greeter], finishMs: 2_000 });
    runners.push(runner);
    await runner.start();
    await queue.enqueue(greet, { who: 'Ada' });
    await queue.enqueue(greet, { who: 'Bob' });
    await until(() => greeter.active === 1);
    await runner.stop();
    expect(greeter.greeted).toEqual(['ada']);
    expect(await queue.depth()).toMatchObject({ waiting: 1, active: 0 });
  });

  test('a stop asks jobs at once to end where they can be taken up again', async () => {
    const greeter = new Greeter((_, { stopping }) => sleep(30_000, undefined, { signal: stopping }).catch(() => undefined));
    const runner = await work(greeter, { finishMs: 2_000 });
    await queue.enqueue(greet, { who: 'Ada' });
    await until(() => greeter.active === 1);
    const at = Date.now();
    await runner.stop();
    expect(Date.now() - at).toBeLessThan(1_500);
    expect(greeter.greeted).toEqual(['ada']);
  });

  test('a stop aborts the signal of a job that takes too long', async () => {
    const greeter = new Greeter((_, { signal }) => sleep(30_000, undefined, { signal }));
    const runner = await work(greeter, { finishMs: 100, abortMs: 2_000 });
    await queue.enqueue(greet, { who: 'Ada' });
    await until(() => greeter.active === 1);
    const at = Date.now();
    await runner.stop();
    expect(Date.now() - at).toBeLessThan(1_500);
    expect(greeter.active).toBe(0);
  });

  test('a job whose workers die again and again is handed out again, soon after the lease', async () => {
    const ends: (() => void)[] = [];
    for (let deaths = 0; deaths < 2; deaths++) {
      // To be left by a worker that stops looks to the store like the worker's death: nobody renews the lock.
      const deaf = new Greeter(() => new Promise<void>((resolve) => { ends.push(resolve); }));
      const runner = await work(deaf, { finishMs: 50, abortMs: 50 });
      if (deaths === 0) await queue.enqueue(greet, { who: 'Ada' });
      await until(() => deaf.active === 1, 8_000);
      const at = Date.now();
      await runner.stop();
      expect(Date.now() - at).toBeLessThan(1_000);
    }
    const at = Date.now();
    const greeter = new Greeter();
    await work(greeter);
    await until(() => greeter.greeted.length === 1, 8_000);
    expect(Date.now() - at).toBeLessThan(4 * store.config.leaseMs);
    for (const end of ends) end();
  });

  test('an emptied store leaves the worker able to take new jobs', async () => {
    const greeter = new Greeter(() => sleep(100));
    await work(greeter);
    await queue.enqueue(greet, { who: 'Ada' }, { id: '1' });
    await until(() => greeter.active === 1);
    await store.empty();
    await queue.enqueue(greet, { who: 'Bob' }, { id: '1' });
    await until(() => greeter.greeted.includes('bob'));
    await until(() => greeter.greeted.includes('ada'));
  });

  test('cut connections are made again: jobs are enqueued and taken', async () => {
    const greeter = new Greeter();
    await work(greeter);
    await queue.enqueue(greet, { who: 'Ada' });
    await until(() => greeter.greeted.length === 1);
    for (let i = 0; i < 3; i++) {
      await store.cut();
      await until(() => queue.enqueue(greet, { who: `n${i}` }, { id: `${i}` }).then(() => true, () => false));
      // One that the cut connection had just taken is handed out again as after a worker's death: when its lock is over and two looks have seen that.
      await until(() => greeter.greeted.includes(`n${i}`), 4 * store.config.leaseMs);
    }
    await queue.ping();
  });

  test('ping fails when the store is closed', async () => {
    const other = await Queue.open(store.config, silent);
    await other.ping();
    await other.close();
    await expect(other.ping()).rejects.toThrow();
  });

  test(`${name} handles many jobs a second`, async () => {
    const greeter = new Greeter();
    await Promise.all(Array.from({ length: 500 }, (_, i) => queue.enqueue(greet, { who: `n${i}` })));
    const at = performance.now();
    await work(greeter);
    await until(() => greeter.greeted.length === 500, 20_000);
    const perSecond = Math.round(500_000 / (performance.now() - at));
    process.stderr.write(`${name}: ${perSecond} jobs/s\n`);
    expect(perSecond).toBeGreaterThan(50);
  });
});

describe('start-up', () => {
  const config = { databaseUrl: undefined, keys: undefined } as never;
  test('fails when a job has no handler, naming it', () => {
    expect(() => new JobRunner(config, silent, { handlers: [] })).toThrow('"test.greet"');
  });
  test('fails when a job has two handlers, naming both', () => {
    expect(() => new JobRunner(config, silent, { handlers: [new Greeter(), new Greeter()] })).toThrow(/two handlers: Greeter and Greeter/);
  });
  test('fails when a handler names no job', () => {
    class Stray { async handle(): Promise<void> { /* takes nothing */ } }
    expect(() => new JobRunner(config, silent, { handlers: [new Stray()], jobs: [] })).toThrow('Stray');
  });
  test('a job defined twice is refused', () => {
    expect(() => defineJob('test.greet', z.object({}))).toThrow('defined twice');
  });
});
