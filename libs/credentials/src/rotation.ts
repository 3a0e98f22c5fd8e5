// Rotates keys while everything goes on. Where it stands is in the rows themselves, so a process that is killed anywhere is followed by
// the next one, and two at once do no harm.
//   ring keys: each data key is rewrapped under the active one; no value is touched.
//   data keys: each owner gets a new one, which new values are sealed under at once; old values are sealed anew batch by batch; and when
//   every process has let go of the old key and no value is left under it, it is destroyed.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Audit } from '@keyrack/audit';
import { AppError, minuteMs, PlatformTx, secondMs, sql, type Database, type Sql } from '@keyrack/core';
import { destroyOlder, inScope, makeKey, rewrapKeys, rotator, wrappedByOthers, type ScopeTx } from './key-rows.js';
import { bindingOf, readSealed, replaceSealed, type SealedColumn, type SealedRow } from './sealed-column.js';
import type { Sealer } from './sealer.js';
import { KEYS_KEPT_MS, PLATFORM, type Scope, type Vault } from './vault.js';

export interface RotationProgress { owners: number; of: number; values: number }
/** `values` were sealed anew or, with ring keys, data keys rewrapped. `trouble`: a line for each thing that could not be done. */
export interface RotationResult { values: number; trouble: string[] }

const ROWS = 500;
const OWNERS_AT_ONCE = 2;
/** A process may hold on to its keys a little longer than its clock says. */
const LET_GO_MS = KEYS_KEPT_MS + 2 * secondMs;
const OLDER_ENDED_WITHIN_MS = 2 * minuteMs;
const PASSES = 20;

export class Rotation {
  constructor(
    private readonly db: Database, private readonly audit: Audit, private readonly vault: Vault, private readonly columns: readonly SealedColumn[],
    private readonly tell: (progress: RotationProgress) => void = () => undefined,
  ) {}

  /** Puts every data key under the active ring key. */
  async ringKeys(): Promise<RotationResult> {
    const scopes = await this.db.onPlatform('find data keys to rewrap', (tx) => wrappedByOthers(tx, this.vault.ring));
    return this.#each(scopes.map(({ scope }) => scope), (scope) =>
      inScope(this.db, scope, 'rewrap data keys', (tx) => rewrapKeys(tx, this.audit, this.vault.ring, scope)));
  }

  /** Gives every owner a new data key, seals its values under that, and destroys the old ones. Goes on with a rotation that was begun. */
  async dataKeys(): Promise<RotationResult> {
    const { id, startedAt } = await this.#begin();
    const scopes = await this.db.onPlatform('find data keys to replace', (tx) => toReplace(tx, startedAt));
    const first = await this.#each(scopes, async (scope) => {
      await inScope(this.db, scope, 'make a data key', (tx) => makeKey(tx, this.audit, this.vault.ring, scope, startedAt));
      return (await this.#reseal(scope)).values;
    });
    const last = await this.#removeOld();
    const trouble = [...first.trouble, ...last.trouble];
    if (trouble.length === 0) await this.#finish(id);
    return { values: first.values + last.values, trouble: [...new Set(trouble)] };
  }

  async #begin(): Promise<{ id: number; startedAt: Date }> {
    return this.db.onPlatform('begin to rotate data keys', async (tx) => {
      const [made] = await tx.sql<{ id: number }>`insert into key_rotation default values on conflict do nothing returning id`;
      if (made) await this.audit.record(tx, rotator, { action: 'key_rotation.started', rotationId: made.id });
      const [open] = await tx.sql<{ id: number; startedAt: Date }>`select id, date_trunc('milliseconds', started_at) as "startedAt" from key_rotation where finished_at is null`;
      if (!open) throw new AppError('internal', { detail: 'Another process has just finished this rotation: run the command again for another one' });
      return open;
    });
  }

  async #finish(id: number): Promise<void> {
    await this.db.onPlatform('finish the rotation of data keys', async (tx) => {
      const done = await tx.sql`update key_rotation set finished_at = clock_timestamp() where id = ${id} and finished_at is null returning 1`;
      if (done.length > 0) await this.audit.record(tx, rotator, { action: 'key_rotation.finished', rotationId: id });
    });
  }

  /** Seals the owner's values under its newest key, again and again until none is left or those that are cannot be opened. */
  async #reseal(scope: Scope): Promise<{ values: number; keyId: number }> {
    this.vault.forget(scope);
    const { currentKeyId: keyId } = await inScope(this.db, scope, 'read data keys', (tx) => this.#sealer(tx));
    let values = 0;
    for (let pass = 1; ; pass += 1) {
      let left = 0, unreadable = 0;
      for (const at of this.columns.filter(({ owner }) => owner === (scope === PLATFORM ? 'platform' : 'tenant'))) {
        for (let after: readonly string[] | null = null, rows = ROWS; rows === ROWS;) {
          const done = await inScope(this.db, scope, 'seal values anew', (tx) => this.#batch(tx, scope, keyId, at, after));
          ({ rows } = done);
          after = done.last;
          values += done.replaced;
          left += done.stale - done.replaced - done.unreadable;
          unreadable += done.unreadable;
        }
      }
      if (left === 0 && unreadable === 0) return { values, keyId };
      if (left === 0) throw new AppError('secret.unreadable', { detail: `${unreadable} value${unreadable === 1 ? '' : 's'} cannot be opened, and so the old data keys stay: the audit trail names them (secret.refused)` });
      if (pass === PASSES) throw new AppError('internal', { detail: `${left} values were changed by others again and again: run the command again` });
      await sleep(50 * pass);
    }
  }

  #sealer(tx: ScopeTx): Promise<Sealer> { return tx instanceof PlatformTx ? this.vault.platform(tx) : this.vault.tenant(tx); }

  async #batch(tx: ScopeTx, scope: Scope, keyId: number, at: SealedColumn, after: readonly string[] | null) {
    const rows = await readSealed(tx, scope, at, keyId, after, ROWS);
    const stale = rows.filter((row): row is SealedRow & { sealed: Buffer } => row.sealed !== null);
    // Asked for each batch: the newest key may be another one by now, and this process too must let go of an older one in time.
    const sealer = await (await this.#sealer(tx)).knowing(tx, stale.map(({ sealed }) => sealed));
    const opened = stale.flatMap((row) => {
      const plaintext = tryOpen(sealer, at, row);
      return plaintext ? [{ key: row.key, old: row.sealed, sealed: sealer.seal(bindingOf(at, row), plaintext) }] : [];
    });
    const replaced = opened.length === 0 ? 0 : await replaceSealed(tx, scope, at, opened);
    return { rows: rows.length, last: rows.at(-1)?.key ?? null, stale: stale.length, unreadable: stale.length - opened.length, replaced };
  }

  async #removeOld(): Promise<RotationResult> {
    const scopes = await this.db.onPlatform('find old data keys', (tx) => withOldKeys(tx));
    if (scopes.length === 0) return { values: 0, trouble: [] };
    // Nobody seals under an old key from here on: every process has read the new one, and who had the old one in hand has committed.
    await sleep(LET_GO_MS);
    await this.#olderEnded(scopes);
    const keyIds = new Map<Scope, number>();
    const last = await this.#each(scopes, async (scope) => {
      const { values, keyId } = await this.#reseal(scope);
      keyIds.set(scope, keyId);
      return values;
    });
    // Who has read a value under an old key has opened it.
    await this.#olderEnded(scopes);
    const removed = await this.#each([...keyIds.keys()], async (scope) => {
      await inScope(this.db, scope, 'destroy old data keys', (tx) => destroyOlder(tx, this.audit, scope, keyIds.get(scope) ?? 0));
      return 0;
    });
    return { values: last.values, trouble: [...last.trouble, ...removed.trouble] };
  }

  /** Waits until the transactions that are open now have ended, of each role that reads these owners' values. @throws AppError when one stays */
  async #olderEnded(scopes: readonly Scope[]): Promise<void> {
    // A role sees when its own transactions began, and not those of the other.
    for (const scope of [scopes.find((one) => one === PLATFORM), scopes.find((one) => one !== PLATFORM)]) {
      if (scope !== undefined) await this.#olderEndedOf(scope);
    }
  }

  async #olderEndedOf(scope: Scope): Promise<void> {
    const ask = <Row extends object>(query: Sql) => inScope(this.db, scope, 'look for open transactions', async (tx) => (await tx.run<Row>(query))[0]);
    const now = await ask<{ at: string }>(sql`select clock_timestamp()::text as at`);
    for (const until = Date.now() + OLDER_ENDED_WITHIN_MS; ; await sleep(100)) {
      const row = await ask<{ open: number }>(sql`
        select count(*) as open from pg_stat_activity where datname = current_database() and usename = current_user and pid <> pg_backend_pid() and xact_start < ${now?.at}::timestamptz`);
      if (row?.open === 0) return;
      if (Date.now() > until) throw new AppError('internal', { detail: 'A transaction that might still need an old data key has been open for minutes: run the command again when it has ended' });
    }
  }

  /** Whether the tenant was deleted meanwhile, which begins with its keys: nothing of it is left to rotate. */
  async #isDeleted(scope: Scope): Promise<boolean> {
    return scope !== PLATFORM && this.db.onPlatform('look for data keys of a tenant', async (tx) => (await tx.sql`select 1 from tenant_key where tenant_id = ${scope} limit 1`).length === 0);
  }

  async #each(scopes: readonly Scope[], work: (scope: Scope) => Promise<number>): Promise<RotationResult> {
    const result: RotationResult = { values: 0, trouble: [] }, waiting = [...scopes];
    let owners = 0;
    await Promise.all(Array.from({ length: OWNERS_AT_ONCE }, async () => {
      for (let scope = waiting.shift(); scope !== undefined; scope = waiting.shift()) {
        try {
          const done = await work(scope);
          result.values += done;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          if (!(await this.#isDeleted(scope))) result.trouble.push(`${scope === PLATFORM ? 'the platform' : `tenant ${scope}`}: ${error.detail}`);
        }
        this.tell({ owners: owners += 1, of: scopes.length, values: result.values });
      }
    }));
    return result;
  }
}

function tryOpen(sealer: Sealer, at: SealedColumn, row: SealedRow & { sealed: Buffer }): Buffer | null {
  try {
    return sealer.open(bindingOf(at, row), row.sealed);
  } catch (error) {
    if (error instanceof AppError && error.code === 'secret.unreadable') return null;
    throw error;
  }
}

/** Owners whose newest data key is older than the rotation, or who still have older ones. */
async function toReplace(tx: PlatformTx, since: Date): Promise<Scope[]> {
  const rows = await tx.sql<{ scope: Scope }>`
    select k.tenant_id::text as scope from tenant_key k join tenant on tenant.id = k.tenant_id and tenant.state = 'active'
     group by 1 having max(k.created_at) < ${since} or count(*) > 1
    union all select ${PLATFORM} from platform_key having max(created_at) < ${since} or count(*) > 1 order by 1`;
  return rows.map(({ scope }) => scope);
}

async function withOldKeys(tx: PlatformTx): Promise<Scope[]> {
  const rows = await tx.sql<{ scope: Scope }>`
    select tenant_id::text as scope from tenant_key group by 1 having count(*) > 1
    union all select ${PLATFORM} from platform_key having count(*) > 1 order by 1`;
  return rows.map(({ scope }) => scope);
}
