// POST with an Idempotency-Key is carried out once: a repetition gets the first answer, a different request under the same key is refused.
import { Inject, Injectable, StreamableFile, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, from, mergeMap, of, type Observable } from 'rxjs';
import { Hasher } from '@keyrack/auth';
import { AppError, Database, HAS_TOKEN, withoutToken } from '@keyrack/core';
import { SECRET_ANSWER } from './route.js';

const KEPT = '24 hours';
// Its process has died, and what it did is in its own rows, which refuse to be made twice. A key or link would be: of those none is begun again.
const ABANDONED = '2 minutes';
const KEY = /^[\x21-\x7e]{1,255}$/;

interface Claim { owner: string; key: string; hash: Buffer }
interface Stored { requestHash: Buffer; status: number | null; answer: unknown }

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher, @Inject(Reflector) private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const key = request.headers['idempotency-key'];
    if (request.method !== 'POST' || key === undefined || !request.me) return next.handle();
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new AppError('request.invalid', { errors: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }] });
    }
    if (!withoutToken(key)) throw new AppError('request.invalid', { errors: [{ pointer: 'Idempotency-Key', detail: HAS_TOKEN }] });
    const hash = this.hasher.hash('request', `${request.url}\n${JSON.stringify(request.body) ?? ''}`);
    const claim: Claim = { owner: `${request.me.kind}:${request.me.id}`, key, hash };
    const isSecret = this.reflector.get<boolean | undefined>(SECRET_ANSWER, context.getHandler()) === true;
    return from(this.#claim(claim, isSecret)).pipe(mergeMap((stored) => {
      if (stored) return of(replay(stored, reply));
      return next.handle().pipe(
        // A failed request is not kept: it changed nothing, and its repetition may succeed.
        catchError(async (error: unknown) => { await this.#release(claim); throw error; }),
        mergeMap(async (answer: unknown) => { await this.#keep(claim, reply.statusCode, isSecret ? SECRET : answer); return answer; }),
      );
    }));
  }

  /** Claims the key for this request, or returns what the first request left there. */
  #claim({ owner, key, hash }: Claim, isSecret: boolean): Promise<Stored | null> {
    return this.db.onPlatform('claim an idempotency key', async (tx) => {
      const [claimed] = await tx.sql`
        insert into idempotency_key (owner, key, request_hash) values (${owner}, ${key}, ${hash})
        on conflict (owner, key) do update set request_hash = excluded.request_hash, status = null, answer = null, created_at = now()
         where idempotency_key.created_at < now() - ${KEPT}::interval
            or (${!isSecret} and idempotency_key.status is null and idempotency_key.created_at < now() - ${ABANDONED}::interval)
        returning 1`;
      if (claimed) return null;
      const [stored] = await tx.sql<Stored & { isAbandoned: boolean }>`
        select request_hash as "requestHash", status, answer, created_at < now() - ${ABANDONED}::interval as "isAbandoned" from idempotency_key where owner = ${owner} and key = ${key}`;
      if (!stored) throw conflict('The first request with this key has just failed: send it again');
      if (!stored.requestHash.equals(hash)) throw conflict('This key was used with another address or body: use a new key for a new request');
      if (stored.status === null && stored.isAbandoned) throw conflict('The first request with this key was broken off, and may have made a secret that nobody has seen: look at the list, revoke what it made, and use a new key');
      if (stored.status === null) throw conflict('The first request with this key is still being carried out: wait, then ask again');
      return stored;
    });
  }

  async #keep({ owner, key, hash }: Claim, status: number, answer: unknown): Promise<void> {
    const kept = answer === undefined || answer instanceof StreamableFile ? null : JSON.stringify(answer);
    await this.db.onPlatform('keep an answer', (tx) => tx.sql`
      update idempotency_key set status = ${status}, answer = ${kept} where owner = ${owner} and key = ${key} and request_hash = ${hash}`);
  }

  async #release({ owner, key, hash }: Claim): Promise<void> {
    await this.db.onPlatform('release an idempotency key', (tx) => tx.sql`
      delete from idempotency_key where owner = ${owner} and key = ${key} and request_hash = ${hash} and status is null`);
  }

  async forgetExpired(): Promise<void> {
    await this.db.onPlatform('forget old idempotency keys', (tx) => tx.sql`delete from idempotency_key where created_at < now() - ${KEPT}::interval`);
  }
}

/** Stands in the store where the answer was a secret. */
const SECRET = { secret: true };

function replay({ status, answer }: Stored, reply: FastifyReply): unknown {
  if (JSON.stringify(answer) === JSON.stringify(SECRET)) {
    throw conflict('The first request with this key succeeded. Its answer held a secret that is shown once and was not kept: revoke what it made and make another');
  }
  reply.status(status ?? 200).header('idempotency-replayed', 'true');
  return answer ?? undefined;
}

const conflict = (detail: string): AppError => new AppError('idempotency_key.conflict', { detail });
