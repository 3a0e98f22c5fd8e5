// What can go wrong between us and Mews, rebuilt from the answer: never the request, whose body holds the tokens.
import { AppError, type ErrorCode, type Upstream } from '@keyrack/core';

export type MewsErrorKind =
  | 'bad_request' | 'unauthorized' | 'forbidden' | 'not_found' | 'too_heavy' /* 408 or 413: ask for less */ | 'conflict' | 'gone'
  | 'throttled' | 'server' | 'unreachable' | 'invalid_answer';

export interface MewsErrorFacts {
  status?: number | undefined;
  requestId?: string | null;
  /** Mews' own sentence, with anything token-like masked. */
  mewsMessage?: string | null;
  /** Our own words where Mews said nothing: a reset, a time-out, an answer that makes no sense. */
  detail?: string;
  retryAfterMs?: number | null;
  executed?: 'no' | 'perhaps';
}

export class MewsError extends Error {
  override readonly name = 'MewsError';
  readonly status: number | null;
  readonly requestId: string | null;
  readonly mewsMessage: string | null;
  /** What Mews said, or our own words: for whoever asked. */
  readonly detail: string;
  /** Our own words only: for logs, and for others who ask the same host. */
  readonly summary: string;
  readonly retryAfterMs: number | null;
  /** Whether Mews may have done what was asked. */
  readonly executed: 'no' | 'perhaps';

  constructor(readonly kind: MewsErrorKind, readonly path: string, facts: MewsErrorFacts = {}) {
    const summary = facts.detail ?? `Mews answered ${facts.status ?? 'nothing'}`;
    super(`${path}: ${kind}: ${summary}`);
    this.status = facts.status ?? null;
    this.requestId = facts.requestId ?? null;
    this.mewsMessage = facts.mewsMessage ?? null;
    this.detail = facts.detail ?? facts.mewsMessage ?? summary;
    this.summary = summary;
    this.retryAfterMs = facts.retryAfterMs ?? null;
    this.executed = facts.executed ?? 'no';
  }

  /** Whether Mews was not asked at all: no budget, no connection, or a body that we would not send. */
  get unsent(): boolean { return this.status === null && this.executed === 'no'; }

  /** The same as an error for our own callers, with what Mews said under `upstream`. */
  toAppError(): AppError {
    const upstream: Upstream | undefined = this.status === null ? undefined : {
      status: this.status,
      ...(this.requestId !== null && { requestId: this.requestId }),
      ...(this.mewsMessage !== null && { message: this.mewsMessage }),
    };
    return new AppError(codeOf[this.kind], {
      detail: this.detail, cause: this, ...(upstream && { upstream }), ...(this.retryAfterMs !== null && { retryAfterMs: this.retryAfterMs }),
    });
  }
}

const codeOf: Record<MewsErrorKind, ErrorCode> = {
  bad_request: 'mews.rejected', unauthorized: 'mews.rejected', forbidden: 'mews.rejected', not_found: 'mews.rejected',
  too_heavy: 'mews.rejected', conflict: 'mews.rejected', gone: 'mews.rejected',
  throttled: 'mews.throttled', server: 'mews.failed', unreachable: 'mews.unreachable', invalid_answer: 'mews.invalid_answer',
};
