// When a circuit opens, for whom, for how long, and what closes it.
import { beforeEach, expect, test } from '@jest/globals';
import { CircuitBreaker, type GuardedCall } from './circuit-breaker.js';
import { MewsError, type MewsErrorFacts, type MewsErrorKind } from './mews-error.js';

let now: number, breaker: CircuitBreaker, asked: number;
beforeEach(() => { now = 1_000; asked = 0; breaker = new CircuitBreaker({}, () => now); });

const call = (token = 'a', host = 'mews', use: GuardedCall['use'] = 'background'): GuardedCall => ({ path: 'bills/getAll', host, token, use, signal: undefined });
const ask = (of: GuardedCall, kind?: MewsErrorKind, facts?: MewsErrorFacts): Promise<unknown> => breaker.guard(of, () => {
  asked += 1;
  return kind ? Promise.reject(new MewsError(kind, of.path, facts)) : Promise.resolve('answer');
}).catch((error: unknown) => error);
const fail = async (times: number, of = call()): Promise<void> => { for (let i = 0; i < times; i += 1) await ask(of, i % 2 ? 'unreachable' : 'server'); };
const waits = async (of = call()): Promise<number | null> => {
  const before = asked, result = await ask(of);
  if (asked > before) return 0;
  expect(result).toMatchObject({ kind: 'unreachable', unsent: true, message: expect.stringContaining('did not answer the last') });
  return result instanceof MewsError ? result.retryAfterMs : null;
};

test('ten failures in a row open it for 5 s, and each probe that fails for twice as long, up to a minute', async () => {
  await fail(9);
  expect(await waits()).toBe(0);
  await fail(10);
  for (const openMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    expect(await waits()).toBe(openMs);
    now += openMs - 1;
    expect(await waits()).toBe(1);
    now += 1;
    await fail(1);
  }
  now += 60_000;
  expect(await waits()).toBe(0);
  await fail(9);
  expect(await waits()).toBe(0);
});

test('whoever waits is told how the requests failed, not what Mews said to others', async () => {
  for (const token of ['a', 'b']) for (let i = 0; i < 5; i += 1) await ask(call(token), 'server', { status: 500, mewsMessage: 'Jane Roe cannot be read' });
  for (const token of ['a', 'c']) expect(await ask(call(token))).toMatchObject({ retryAfterMs: 5_000, detail: expect.stringMatching(/^Mews did not answer the last 10 requests \(Mews answered 500\)/) });
});

test('one call probes; the others wait for what it finds', async () => {
  await fail(10);
  now += 5_000;
  let answer: (value: string) => void = () => undefined;
  const probe = breaker.guard(call(), () => new Promise<string>((resolve) => { answer = resolve; }));
  expect(await waits()).toBe(5_000);
  answer('there');
  await probe;
  expect(await waits()).toBe(0);
});

test('a probe that finds out nothing leaves its place to the next', async () => {
  await fail(10);
  now += 5_000;
  await ask(call(), 'throttled', { retryAfterMs: 400 });
  expect(await waits()).toBe(0);
});

test('a host is left alone by every token when none is answered, and a token when only it is not', async () => {
  for (const token of ['a', 'b', 'c', 'd', 'e']) await fail(2, call(token));
  expect([await waits(call('new')), await waits(call('a')), await waits(call('a', 'other'))]).toEqual([5_000, 5_000, 0]);
  now += 5_000;
  await ask(call('b'));
  for (let i = 0; i < 10; i += 1) { await fail(1, call('a')); await ask(call('b')); }
  expect([await waits(call('a')), await waits(call('b'))]).toEqual([5_000, 0]);
});

test.each([['400', 'bad_request', 400], ['401', 'unauthorized', 401], ['429', 'throttled', 429]] as const)('%s is an answer', async (_, kind, status) => {
  await fail(9);
  await ask(call(), kind, { status });
  await fail(9);
  expect(await waits()).toBe(0);
});

test('whoever waits for the answer is let through, and an answer closes it', async () => {
  await fail(10);
  expect(await ask(call('a', 'mews', 'interactive'), 'server')).toMatchObject({ kind: 'server' });
  expect(await waits()).toBe(5_000);
  expect(await ask(call('a', 'mews', 'interactive'))).toBe('answer');
  expect(await waits()).toBe(0);
});

test('of several requests to a host that answers none one goes on waiting', async () => {
  const real = new CircuitBreaker({ silentMs: 100 }), outcomes: string[] = [];
  const hang = (of: GuardedCall) => real.listen(of, (signal) => new Promise<string>((resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason as Error); });
    setTimeout(() => { resolve('at last'); }, 400);
  })).then((answer) => outcomes.push(answer), (error: unknown) => outcomes.push(error instanceof MewsError ? `${error.kind} ${error.executed}` : 'else'));
  await Promise.all(Array.from({ length: 4 }, () => hang(call())));
  expect(outcomes).toEqual(['unreachable perhaps', 'unreachable perhaps', 'unreachable perhaps', 'at last']);
  // A probe does not wait for long either: who waits for what it finds is not to wait for a slow answer.
  for (let i = 0; i < 10; i += 1) await real.guard(call(), () => Promise.reject(new MewsError('unreachable', 'bills/getAll'))).catch(() => undefined);
  outcomes.length = 0;
  await hang(call());
  expect(outcomes).toEqual(['unreachable perhaps']);
  await real.guard(call('a', 'mews', 'interactive'), () => Promise.resolve('there'));
  // While the host answers others, a slow answer has its time.
  outcomes.length = 0;
  const busy = setInterval(() => { void real.listen(call('b'), () => Promise.resolve('at once')); }, 30);
  await Promise.all([hang(call()), hang(call())]);
  expect(outcomes).toEqual(['unreachable perhaps', 'at last']);
  // So is one of each AccessToken.
  outcomes.length = 0;
  await Promise.all([hang(call()), hang(call('c'))]);
  clearInterval(busy);
  expect(outcomes).toEqual(['at last', 'at last']);
});

test('requests of one token that wait for an answer leave places to others; while they are answered nobody is sent away', async () => {
  const real = new CircuitBreaker({ places: 2, placeMs: 150, comeBackMs: 700 });
  const listen = (of: GuardedCall, ms: number) => real.listen(of, () => new Promise<string>((resolve) => { setTimeout(() => { resolve('there'); }, ms); })).catch((error: unknown) => error);
  const quick = await Promise.all(Array.from({ length: 8 }, () => listen(call(), 10)));
  expect(quick).toEqual(Array(8).fill('there'));
  const slow = [listen(call(), 500), listen(call(), 500)], from = performance.now();
  expect(await listen(call(), 0)).toMatchObject({ kind: 'unreachable', unsent: true, retryAfterMs: 700, message: expect.stringContaining('2 other requests') });
  expect(performance.now() - from).toBeLessThan(400);
  for (const other of [call('b'), call('a', 'other'), call('a', 'mews', 'interactive')]) expect(await listen(other, 0)).toBe('there');
  expect(await Promise.all(slow)).toEqual(['there', 'there']);
});
