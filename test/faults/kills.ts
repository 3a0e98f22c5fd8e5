// Kills workers at moments spread by chance over a whole sync.
import { test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../apps/sandbox/src/random.js';
import type { Scene } from './scene.js';

/** What is killed, and how far it has come. */
export type Killable = Pick<Scene, 'pagesExpected' | 'untilPages' | 'fleet' | 'heldBy' | 'rows'>;

/** Far more than it takes, for machines that are busy with other things; what it took is printed. */
const TAKEN_WITHIN_MS = 120_000;

/** The same seed draws the same moments and victims again: FAULT_SEED. */
export const seed = process.env['FAULT_SEED'] ?? String(Date.now());
export const long = process.env['KEYRACK_FAULTS'] === 'long';

/** Registers as `test` does: in the long form every one of `of` tests, in the short form one of them, by chance. */
export function byChance(of: number): (name: string, run: () => Promise<void>, withinMs: number) => void {
  const chosen = new Random(seed, 'by chance').pick(Array.from({ length: of }, (_, i) => i));
  let at = 0;
  return (name, run, withinMs) => { if (at++ === chosen || long) test(name, run, withinMs); };
}

export interface Killed { kills: number; interrupted: number; recoveredMs: number[] }

/** Kills one of two workers again and again, at moments spread by chance over the whole sync, and replaces it at once. */
export async function killThrough(at: Killable, kills: number, random: Random): Promise<Killed> {
  const done: Killed = { kills: 0, interrupted: 0, recoveredMs: [] };
  const recovering: Promise<void>[] = [];
  const last = at.pagesExpected * 0.95, moments = Array.from({ length: kills }, () => random.between(1, last)).toSorted((a, b) => a - b);
  for (const pages of moments) {
    await at.untilPages(pages);
    const victim = await at.fleet.victim((ready) => random.pick(ready));
    await sleep(random.between(0, 300));
    await at.fleet.kill(victim);
    const killedAt = Date.now();
    at.fleet.spawn();
    const held = await at.heldBy(victim.pid);
    done.kills += 1;
    done.interrupted += held.length;
    if (held.length > 0) recovering.push(untilTaken(at, held).then(() => { done.recoveredMs.push(Date.now() - killedAt); }));
  }
  await Promise.all(recovering);
  return done;
}

/** Until other workers have taken up every one of these runs, or they are over. */
export async function untilTaken(at: Killable, held: readonly { id: string; fence: number }[]): Promise<void> {
  for (const deadline = Date.now() + TAKEN_WITHIN_MS; Date.now() < deadline; await sleep(200)) {
    const rows = await at.rows<{ id: string; fence: number }>(`select id, fence + case when state in ('queued', 'running', 'waiting') then 0 else 1 end as fence from run where id = any($1::uuid[])`, [held.map(({ id }) => id)]);
    if (held.every(({ id, fence }) => (rows.find((row) => row.id === id)?.fence ?? 0) > fence)) return;
  }
  throw new Error('runs of a killed worker were not taken up in time');
}
