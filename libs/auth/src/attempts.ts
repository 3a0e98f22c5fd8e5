// Counts attempts at what can be guessed, and refuses more when there were too many.
import { AppError, minuteMs, type PlatformTx } from '@keyrack/core';
import type { Hasher } from './hasher.js';

const WINDOW_MS = 15 * minuteMs;
const FAILURES_MAX = { account: 10, address: 50, link: 50 } as const;

/** What attempts are counted by: `<kind> <text>`. */
export type Subject = `${keyof typeof FAILURES_MAX} ${string}`;

/** The account of an e-mail address, whether there is one or not; the address itself is not kept. */
export const accountSubject = (hasher: Hasher, email: string): Subject => `account ${hasher.hash('request', email.toLowerCase()).toString('hex')}`;

/**
 * An attempt counts before it is checked, so that guesses sent at once count too; `forgetAttempts` takes it back.
 * @throws AppError `request.rate_limited`
 */
export async function countAttempt(tx: PlatformTx, subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) await tx.sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 0))`;
  const counts = await tx.sql<{ subject: Subject; failures: number; oldest: Date }>`
    select subject, count(*) as failures, min(at) as oldest from sign_in_attempt
     where subject = any(${subjects}) and at > now() - make_interval(secs => ${WINDOW_MS / 1_000}) group by subject`;
  for (const { subject, failures, oldest } of counts) {
    if (failures >= maxOf(subject)) {
      throw new AppError('request.rate_limited', {
        detail: subject.startsWith('link ') ? 'Too many links that are not valid: wait and try again' : 'Too many failed sign-ins: wait and try again',
        retryAfterMs: Math.max(1_000, oldest.getTime() + WINDOW_MS - Date.now()),
      });
    }
  }
  await tx.sql`insert into sign_in_attempt (subject) select unnest(${subjects}::text[])`;
}

/**
 * After a success: nothing is held against its account any more. Of an address, which guesses at others too, only the one attempt that
 * succeeded is taken back: a sign-in of one's own must not buy another round of guesses.
 */
export async function forgetAttempts(tx: PlatformTx, subjects: readonly Subject[]): Promise<void> {
  const [accounts, places] = [subjects.filter(isAccount), subjects.filter((subject) => !isAccount(subject))];
  await tx.sql`delete from sign_in_attempt where subject = any(${accounts})`;
  for (const place of places) {
    await tx.sql`
      delete from sign_in_attempt where ctid = (
        select ctid from sign_in_attempt where subject = ${place} order by at desc limit 1 for update skip locked)`;
  }
}

const isAccount = (subject: Subject): boolean => subject.startsWith('account ');

const maxOf = (subject: Subject): number => isAccount(subject) ? FAILURES_MAX.account : subject.startsWith('link ') ? FAILURES_MAX.link : FAILURES_MAX.address;
