// Imports of AccessTokens: the lines of a file wait encrypted until each was verified with Mews, and have a result afterwards, never a token.
// A process may die anywhere: a line is marked before it is added, so that the next one knows a token that was stored from one that was there.
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Applications } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { AppError, Database, minuteMs, newId, secondMs, Secret, type AccessTokenId, type EnterpriseId, type EnvironmentId, type OperationId, type TenantActor, type TenantId, type TenantTx } from '@keyrack/core';
import { Vault, type Binding } from '@keyrack/credentials';
import { Queue } from '@keyrack/queue';
import { AccessTokensRepository } from './access-tokens.repository.js';
import { hintOf } from './access-tokens.schemas.js';
import { readImport } from './import-file.js';
import { IMPORT, importTokens, ImportsRepository, WORKED_ON_MS, type LineResult, type Mode, type WaitingLine } from './imports.repository.js';
import { Onboarding } from './onboarding.js';

/** Lines that are verified at a time; each AccessToken has a request budget of its own. */
const AT_ONCE = 4;
const THROTTLED_TRIES = 5;

/** What follows from an added token is composed at the edge. `reached` is null where a process died before it could say. */
export type Added = (me: TenantActor, id: AccessTokenId, reached: readonly EnterpriseId[] | null) => Promise<void>;

@Injectable()
export class Imports {
  constructor(
    private readonly db: Database, private readonly imports: ImportsRepository, private readonly tokens: AccessTokensRepository, private readonly onboarding: Onboarding, private readonly applications: Applications,
    private readonly vault: Vault, private readonly audit: Audit, private readonly queue: Queue,
  ) {}

  /** Takes a file in. @throws AppError `request.invalid` when it cannot be read as a whole; what is wrong with a line is its result. */
  async start(me: TenantActor, text: string, mode: Mode): Promise<{ operationId: OperationId }> {
    const { lines, bad } = readImport(text), operationId = newId<OperationId>();
    await this.db.inTenant(me.tenantId, async (tx) => {
      // The tenant may be deleted by now, rows and all, and its keys still be at hand here.
      await this.vault.holdTenantKeys(tx);
      if (!(await this.tokens.hasTenant(tx))) throw new AppError('tenant.deleting');
      const sealer = await this.vault.tenant(tx);
      const sealed = lines.map((one) => ({ ...one, hint: hintOf(one.accessToken), ciphertext: sealer.seal(bindingOf(operationId, one), Buffer.from(one.accessToken.reveal())) }));
      await this.imports.insert(tx, { operationId, mode, actor: me }, sealed, bad);
      await this.audit.record(tx, me, { action: 'access_tokens.import_started', operationId, lines: lines.length + bad.length, dryRun: mode === 'dry-run' });
    });
    await this.queue.enqueue(importTokens, { tenantId: me.tenantId, operationId }, { id: operationId });
    return { operationId };
  }

  /** Enqueues imports that nobody works on: their job was lost, or its process died. */
  async resume(): Promise<void> {
    for (const { tenantId, operationId } of await this.db.onPlatform('find open imports', (tx) => this.imports.open(tx))) {
      await this.queue.enqueue(importTokens, { tenantId, operationId }, { id: operationId });
    }
  }

  /** Works on an import until it is done. Does nothing while another process does. */
  async work(tenantId: TenantId, operationId: OperationId, signal: AbortSignal, added: Added): Promise<void> {
    const claimed = await this.db.inTenant(tenantId, (tx) => this.imports.claim(tx, operationId));
    if (!claimed) return;
    // Missing one beat does no harm; a database that stays away ends the work by itself.
    const heartbeat = setInterval(() => void this.db.inTenant(tenantId, (tx) => this.imports.stillWorkedOn(tx, operationId)).catch(() => undefined), WORKED_ON_MS / 3);
    try {
      await this.#lines({ ...claimed.actor, tenantId }, operationId, claimed.mode, signal, added);
      await this.db.inTenant(tenantId, (tx) => this.imports.finish(tx, operationId));
    } finally {
      clearInterval(heartbeat);
      await this.db.inTenant(tenantId, (tx) => this.imports.leave(tx, operationId));
    }
  }

  async #lines(me: TenantActor, operationId: OperationId, mode: Mode, signal: AbortSignal, added: Added): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const lines = await this.db.inTenant(me.tenantId, (tx) => this.imports.next(tx, operationId, AT_ONCE));
      if (lines.length === 0) return;
      const results = await Promise.all(lines.map((line) => this.#line(me, operationId, line, mode, signal, added)));
      await this.db.inTenant(me.tenantId, (tx) => this.imports.done(tx, operationId, results));
    }
  }

  async #line(me: TenantActor, operationId: OperationId, line: WaitingLine, mode: Mode, signal: AbortSignal, added: Added): Promise<LineResult> {
    const about = { line: line.line, environment: line.environment, application: line.application, label: line.label, hint: line.hint };
    try {
      const accessToken = await this.db.inTenant(me.tenantId, async (tx) => new Secret((await this.vault.tenant(tx, [line.ciphertext])).open(bindingOf(operationId, line), line.ciphertext)));
      const applicationId = await this.applications.idOf(line.application);
      const input = { applicationId, environment: line.environment as EnvironmentId, accessToken };
      if (mode === 'dry-run') {
        const { kind, enterprises, alreadyAdded, accessTokenId } = await whenThrottled(signal, () => this.onboarding.preview(me, input));
        if (alreadyAdded) return { ...about, state: 'failed', accessTokenId, error: { code: 'access_token.duplicate', detail: 'This tenant has this AccessToken already: leave the line out' } };
        return { ...about, state: 'succeeded', kind, enterprises: enterprises.length };
      }
      const { id, kind, enterprises } = await whenThrottled(signal, () => this.onboarding.add(me, { ...input, label: line.label ?? undefined, connect: 'all' }, goesOn));
      await added(me, id, enterprises.map((enterprise) => enterprise.id));
      return { ...about, state: 'succeeded', accessTokenId: id, kind, enterprises: enterprises.length };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const stored = await this.#storedBefore(me, operationId, line, error);
      if (stored === null) return { ...about, state: 'failed', error: { code: error.code, detail: error.detail } };
      await added(me, stored, null);
      return { ...about, state: 'succeeded', accessTokenId: stored };
    }
  }

  /** Of a line that was begun before, a duplicate may be the token that the line itself has stored. */
  async #storedBefore(me: TenantActor, operationId: OperationId, line: WaitingLine, error: AppError): Promise<AccessTokenId | null> {
    const id = error.code === 'access_token.duplicate' && line.begunBefore ? error.data?.['accessTokenId'] : null;
    return typeof id === 'string' && await this.db.inTenant(me.tenantId, (tx) => this.imports.storedSince(tx, operationId, id)) ? id as AccessTokenId : null;
  }

  /** How far an import has come; the results are in the order of the file. */
  progress(tx: TenantTx, id: OperationId): ReturnType<ImportsRepository['progress']> { return this.imports.progress(tx, id); }
}

export { IMPORT, importTokens };

/** A file that was taken in is worked on to its end. */
const goesOn = (): Promise<void> => Promise.resolve();

const bindingOf = (operationId: OperationId, { line, environment }: { line: number; environment: string }): Binding =>
  ({ environment, table: 'token_import_line', column: 'ciphertext', row: `${operationId}/${line}` });

/** A budget that is spent, or a Mews that asks to wait, is no answer about the token. */
async function whenThrottled<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'mews.throttled' || tries === THROTTLED_TRIES) throw error;
      await sleep(Math.min(error.retryAfterMs ?? 5 * secondMs, minuteMs), undefined, { signal });
    }
  }
}
