// The one table of error codes: what went wrong, its HTTP status, its public sentence. Libs throw AppError; edges translate.
interface ErrorKind { status: number; title: string }
const kind = (status: number, title: string): ErrorKind => ({ status, title });

export const errorKinds = {
  'request.invalid': kind(422, 'The request has values that cannot be used'),
  'request.malformed': kind(400, 'The request cannot be read'),
  'request.too_large': kind(413, 'The request is larger than this address accepts'),
  'request.headers_too_large': kind(431, 'The address and headers are larger than is accepted'),
  'request.timeout': kind(408, 'The request did not arrive in time'),
  'request.unsupported_media_type': kind(415, 'The Content-Type is not accepted here'),
  'request.rate_limited': kind(429, 'Too many requests'),
  'route.not_found': kind(404, 'There is nothing at this address'),
  'idempotency_key.conflict': kind(409, 'This Idempotency-Key was used with another request'),
  'auth.required': kind(401, 'Sign in, or send an API key as a Bearer token'),
  'auth.failed': kind(401, 'E-mail address or password is wrong'),
  'auth.forbidden': kind(403, 'Your role does not allow this'),
  'auth.csrf': kind(403, 'The request did not come from the signed-in page'),
  'environment.not_found': kind(404, 'There is no such environment'),
  'environment.duplicate': kind(409, 'An environment with this id exists'),
  'environment.address_refused': kind(422, 'The platform address is not allowed'),
  'environment.in_use': kind(409, 'Tokens of this environment are in use'),
  'environment.altered': kind(500, 'The address of this environment was not written by Keyrack'),
  'environment.mismatch': kind(409, 'This enterprise is known in another environment; tokens never cross environments'),
  'application.not_found': kind(404, 'There is no such application'),
  'application.duplicate': kind(409, 'An application with this name and version exists'),
  'application.no_client_token': kind(422, 'The application has no ClientToken for this environment'),
  'tenant.not_found': kind(404, 'There is no such tenant'),
  'tenant.duplicate': kind(409, 'A tenant with this slug exists'),
  'tenant.deleting': kind(409, 'The tenant is being deleted'),
  'access_token.not_found': kind(404, 'There is no such access token'),
  'access_token.rejected': kind(422, 'Mews does not accept this AccessToken'),
  'access_token.duplicate': kind(409, 'This tenant already has this AccessToken'),
  'access_token.unavailable': kind(409, 'This AccessToken cannot be used here'),
  'access_token.reach_shrinks': kind(409, 'The new AccessToken does not open every connected enterprise of the old one'),
  'access_token.not_active': kind(409, 'The AccessToken is not active'),
  'enterprise.not_found': kind(404, 'There is no such enterprise'),
  'enterprise.not_reached': kind(422, 'The AccessToken does not open this enterprise'),
  'connection.not_found': kind(404, 'This enterprise is not connected'),
  'collection.unknown': kind(404, 'Mews has no such collection, or it cannot be synced'),
  'collection.unavailable': kind(409, 'No AccessToken of the tenant can read this collection'),
  'schedule.not_found': kind(404, 'There is no such schedule'),
  'sync.preview_too_large': kind(422, 'The sync is too large to be tried out at once'),
  'sync.backfill_under_way': kind(409, 'A backfill of another period is under way: wait for it, or cancel it'),
  'run.not_found': kind(404, 'There is no such run'),
  'run.dependency_missing': kind(409, 'The collection needs another one to be synced first'),
  'run.wrong_state': kind(409, 'The run is in a state that does not allow this'),
  'operation.not_found': kind(404, 'There is no such operation'),
  'record.not_found': kind(404, 'There is no such record'),
  'api_key.not_found': kind(404, 'There is no such API key'),
  'user.not_found': kind(404, 'There is no such user'),
  'user.last_admin': kind(409, 'Nobody would be left who can administer the platform'),
  'user.duplicate': kind(409, 'A user with this e-mail address exists'),
  'user.invitation_needed': kind(409, 'A first role is given by an invitation'),
  'user.managed_elsewhere': kind(409, 'This person is not of this tenant alone'),
  'access_link.not_found': kind(404, 'The link is not valid: it has expired, was used or revoked, or was not copied in full'),
  'access_link.sign_in_first': kind(409, 'There is an account for this e-mail address: sign in to accept the invitation'),
  'access_link.other_person': kind(409, 'The invitation is for another person than the one who is signed in'),
  'oidc.not_configured': kind(404, 'There is no identity provider to sign in at'),
  'oidc.unreachable': kind(502, 'The identity provider did not answer'),
  'oidc.refused': kind(401, 'The identity provider did not confirm who you are'),
  'oidc.unverified_email': kind(403, 'The identity provider has not verified your e-mail address'),
  'oidc.unknown_person': kind(403, 'Nobody has invited this person'),
  'mews.unreachable': kind(502, 'Mews could not be reached'),
  'mews.failed': kind(502, 'Mews answered with an error'),
  'mews.invalid_answer': kind(502, 'Mews answered with something that is not the documented answer'),
  'mews.rejected': kind(422, 'Mews refused the request'),
  'mews.throttled': kind(503, 'The request budget of this AccessToken is spent for the moment'),
  'ring_key.in_use': kind(409, 'The ring key is in use'),
  'ring_key.unknown': kind(404, 'There is no such ring key'),
  'secret.unreadable': kind(500, 'A stored secret could not be decrypted'),
  'audit.checkpoints_unreadable': kind(503, 'The checkpoints of the audit trail cannot be read'),
  'server.stopping': kind(503, 'This process is stopping'),
  'store.unavailable': kind(503, 'The database does not answer at the moment'),
  'internal': kind(500, 'Something went wrong on our side'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** One input that cannot be used. `pointer` is a JSON pointer into the body, or a parameter's name; `detail` names the fix. */
export interface InputError { pointer: string; detail: string }

/** What Mews answered when it refused. Never holds a token. */
export interface Upstream { status: number; requestId?: string; message?: string }

interface AppErrorOptions { detail?: string; errors?: InputError[]; upstream?: Upstream; data?: Record<string, unknown>; retryAfterMs?: number; cause?: unknown }

/** An error that a caller can act on. `data` is added to the public answer, so it may hold ids but never secrets. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: InputError[] | undefined;
  readonly upstream: Upstream | undefined;
  readonly data: Record<string, unknown> | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    // The message is for logs, which hold nothing that Mews said; the detail, for whoever asked, may repeat it.
    super(`${code}: ${options.upstream?.message === undefined && options.detail !== undefined ? options.detail : errorKinds[code].title}`, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = options.detail ?? errorKinds[code].title;
    this.errors = options.errors;
    this.upstream = options.upstream;
    this.data = options.data;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number { return errorKinds[this.code].status; }
}
