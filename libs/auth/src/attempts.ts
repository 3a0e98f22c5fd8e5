// Counts attempts at what can be guessed, and refuses more when there were too many.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Database, minuteMs, type Actor, type PlatformTx } from '@keyrack/core';
import type { Hasher } from './hasher.js';

const WINDOW_MS = 15 * minuteMs;
const FAILURES_MAX = { account: 10, address: 50, link: 50 } as const;

type Kind = keyof typeof FAILURES_MAX;

/** What attempts are counted by: `<kind> <text>`. */
export type Subject = `${Kind} ${string}`;

/** The account of an e-mail address, whether there is one or not; the address itself is not kept. */
export const accountSubject = (hasher: Hasher, email: string): Subject => `account ${hasher.hash('request', email.toLowerCase()).toString('hex')}`;

/** Who tries, as far as it is known. */
export interface Trier { actor: Actor; address: string | null; email: string | null }

interface Full { subject: Subject; oldest: Date }

@Injectable()
export class Attempts {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Audit) private readonly audit: Audit) {}

  /**
   * An attempt counts before it is checked, so that guesses sent at once count too; `forgetAttempts` takes it back.
   * The first that is refused in a while is an event; one for each would let anybody fill the trail.
   * @throws AppError `request.rate_limited`
   */
  async count(subjects: readonly Subject[], { actor, address, email }: Trier): Promise<void> {
    const full = await this.db.onPlatform('count an attempt', async (tx) => {
      const found = await countOrRefuse(tx, subjects);
      if (found && await isNews(tx, found.subject)) await this.audit.record(tx, actor, { action: 'attempts.throttled', what: kindOf(found.subject), address, email });
      return found;
    });
    if (!full) return;
    throw new AppError('request.rate_limited', {
      detail: kindOf(full.subject) === 'link' ? 'Too many links that are not valid: wait and try again' : 'Too many failed sign-ins: wait and try again',
      retryAfterMs: Math.max(1_000, full.oldest.getTime() + WINDOW_MS - Date.now()),
    });
  }
}

async function countOrRefuse(tx: PlatformTx, subjects: readonly Subject[]): Promise<Full | undefined> {
  for (const subject of subjects) await tx.sql`select pg_advisory_xact_lock(hashtextextended(${subject}, 0))`;
  const counts = await tx.sql<Full & { failures: number }>`
    select subject, count(*) as failures, min(at) as oldest from sign_in_attempt
     where subject = any(${subjects}) and at > now() - make_interval(secs => ${WINDOW_MS / 1_000}) group by subject`;
  const full = counts.find(({ subject, failures }) => failures >= FAILURES_MAX[kindOf(subject)]);
  if (!full) await tx.sql`insert into sign_in_attempt (subject) select unnest(${subjects}::text[])`;
  return full;
}

/** Whether no refusal of the subject was told in this window; then it is told now. */
async function isNews(tx: PlatformTx, subject: Subject): Promise<boolean> {
  const told = await tx.sql`
    insert into sign_in_attempt (subject) select ${toldOf(subject)}
     where not exists (select 1 from sign_in_attempt where subject = ${toldOf(subject)} and at > now() - make_interval(secs => ${WINDOW_MS / 1_000})) returning 1`;
  return told.length > 0;
}

/**
 * After a success: nothing is held against its account any more. Of an address, which guesses at others too, only the one attempt that
 * succeeded is taken back: a sign-in of one's own must not buy another round of guesses.
 */
export async function forgetAttempts(tx: PlatformTx, subjects: readonly Subject[]): Promise<void> {
  const [accounts, places] = [subjects.filter(isAccount), subjects.filter((subject) => !isAccount(subject))];
  await tx.sql`delete from sign_in_attempt where subject = any(${[...accounts, ...accounts.map(toldOf)]})`;
  for (const place of places) {
    await tx.sql`
      delete from sign_in_attempt where ctid = (
        select ctid from sign_in_attempt where subject = ${place} order by at desc limit 1 for update skip locked)`;
  }
}

const kindOf = (subject: Subject): Kind => subject.startsWith('account ') ? 'account' : subject.startsWith('link ') ? 'link' : 'address';
const isAccount = (subject: Subject): boolean => kindOf(subject) === 'account';
const toldOf = (subject: Subject): string => `told ${subject}`;
