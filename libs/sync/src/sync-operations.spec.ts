// How the states of its runs sum up to the state of an operation.
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { liveStates, runStates } from './run.js';
import { summarise } from './sync-operations.js';

test.each([
  [[], 'succeeded', 0],
  [['succeeded', 'succeeded'], 'succeeded', 2],
  [['succeeded', 'cancelled'], 'succeeded', 2],
  [['succeeded', 'failed'], 'partial', 2],
  [['succeeded', 'needs_review'], 'partial', 2],
  [['failed', 'failed'], 'failed', 2],
  [['failed', 'running'], 'running', 1],
  [['succeeded', 'waiting', 'queued'], 'running', 1],
] as const)('%j is %s', (states, state, done) => { expect(summarise(states)).toEqual({ state, done, total: states.length }); });

test('an operation is over when, and only when, none of its runs is live', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...runStates)), (states) => {
    const { state, done, total } = summarise(states);
    expect(state === 'running').toBe(states.some((one) => liveStates.includes(one)));
    expect(done === total).toBe(state !== 'running');
  }));
});
