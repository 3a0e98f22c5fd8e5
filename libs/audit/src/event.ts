// Every event that the audit trail can hold. Adding one is adding a member; the compiler then holds callers to its shape.
// Subjects carry ids, hints and values before and after; never a secret.
interface Changed<T> { before: T; after: T }

export type AuditEvent =
  // the platform
  | { action: 'environment.created'; environment: string; platformAddress: string }
  | { action: 'environment.changed'; environment: string; before: EnvironmentShape; after: EnvironmentShape }
  | { action: 'environment.authenticated'; environment: string; platformAddress: string }
  | { action: 'application.created'; applicationId: string; name: string; version: string; environments: string[] }
  | { action: 'application.client_token_set'; applicationId: string; environment: string; hint: string; replaced: boolean }
  | { action: 'tenant.created'; tenantId: string; slug: string; name: string }
  | { action: 'tenant.renamed'; tenantId: string; name: Changed<string> }
  | { action: 'tenant.deletion_started'; tenantId: string; slug: string; operationId: string }
  | { action: 'tenant.deleted'; tenantId: string; slug: string }
  // where a chain was begun without the key of the ring: its first event with it. No event without it follows
  | { action: 'audit.keyed' }
  // ring keys and data keys, in the trail of the platform; what becomes of a tenant's data keys stands in the tenant's
  | { action: 'key_rotation.started' | 'key_rotation.finished'; rotationId: number }
  | { action: 'ring_key.retired'; name: string }
  | { action: 'data_key.rewrapped'; keyId: number; ringKey: Changed<string> }
  | { action: 'data_key.made'; keyId: number; ringKey: string }
  | { action: 'data_key.destroyed'; keyIds: number[]; reason: 'rotated' | 'tenant deleted' }
  | { action: 'secret.refused'; environment: string; table: string; column: string; row: string; keyId: number | null; reason: string }
  // people and keys
  | { action: 'user.created'; userId: string; email: string; platformRole: string | null }
  | { action: 'user.changed'; userId: string; name?: Changed<string>; platformRole?: Changed<string | null>; disabled?: Changed<boolean>; passwordChanged?: boolean }
  | { action: 'user.signed_in'; userId: string; address: string; issuer?: string }
  | { action: 'user.sign_in_refused'; /** null where what was given is none */ email: string | null; address: string; reason?: string }
  | { action: 'user.password_change_refused'; userId: string }
  | { action: 'user.identity_linked'; userId: string; issuer: string; subject: string }
  | { action: 'user.signed_out'; userId: string }
  | { action: 'access.denied'; permission: string; route: string; /** null where there is no such tenant */ tenantId?: string | null; reason?: 'csrf' | 'taken away meanwhile' }
  | { action: 'access.denied'; permission: string; reason: 'taken away meanwhile' }
  // once for each minute in which there were too many denials; what is denied beyond that is not told
  | { action: 'denials.throttled'; of: 'caller' | 'address'; address: string }
  // once a minute for each process of the api: requests of callers that are not known. The networks with most of them; `elsewhere` is how many came from others
  | { action: 'denials.counted'; since: string; count: number; reasons: Record<string, number>; networks: { network: string; count: number }[]; elsewhere: number }
  // once for each time that it begins: `address` and `email` are null where they are not known
  | { action: 'attempts.throttled'; what: 'account' | 'address' | 'link'; address: string | null; email: string | null }
  | { action: 'access_link.refused'; address: string; linkId?: string; reason?: 'other person' | 'managed elsewhere' }
  | { action: 'invitation.created'; linkId: string; email: string; role: string; expiresAt: string }
  | { action: 'invitation.revoked'; linkId: string; email: string; /** in the platform's trail, of a tenant's link */ tenantId?: string }
  | { action: 'invitation.accepted'; linkId: string; email: string; userId: string; role: string; address: string }
  | { action: 'password_reset.created'; linkId: string; email: string; userId: string; expiresAt: string }
  | { action: 'password_reset.revoked'; linkId: string; email: string; tenantId?: string }
  | { action: 'password_reset.refused'; userId: string; reason: 'managed elsewhere' }
  | { action: 'password_reset.used'; linkId: string; email: string; userId: string; address: string }
  | { action: 'member.set'; userId: string; email: string; role: Changed<string> }
  | { action: 'member.removed'; userId: string; role: string }
  | { action: 'api_key.created'; apiKeyId: string; name: string; role: string; hint: string; expiresAt: string | null }
  | { action: 'api_key.revoked'; apiKeyId: string; name: string }
  // once an hour for each key
  | { action: 'api_key.refused'; apiKeyId: string; reason: 'revoked' | 'expired'; address: string }
  // AccessTokens, reach, connections
  | { action: 'access_token.added'; accessTokenId: string; environment: string; kind: string; hint: string; fingerprint: string; enterpriseIds: string[] }
  | { action: 'access_tokens.import_started'; operationId: string; lines: number; dryRun: boolean }
  // `kind`: where Mews now says that it is of another one
  | { action: 'access_token.verified'; accessTokenId: string; gained: string[]; lost: string[]; kind?: Changed<string> }
  | { action: 'access_token.rotated'; accessTokenId: string; hint: Changed<string>; fingerprint: Changed<string> }
  // a code: what Mews said is with the token until it works again, and the trail is kept for good
  | { action: 'access_token.suspended'; accessTokenId: string; reason: string; requestId: string | null }
  | { action: 'access_token.disabled'; accessTokenId: string }
  | { action: 'access_token.enabled'; accessTokenId: string }
  | { action: 'access_token.revoked'; accessTokenId: string }
  | { action: 'reach.changed'; accessTokenId: string; gained: string[]; lost: string[]; kind?: Changed<string> }
  | { action: 'reach.read_across_tenants'; view: string; tenantId: string | null }
  | { action: 'connection.made'; enterpriseIds: string[]; accessTokenId: string }
  | { action: 'connection.moved'; enterpriseId: string; accessTokenId: Changed<string> }
  | { action: 'connection.removed'; enterpriseIds: string[]; accessTokenId: string }
  // syncs
  | { action: 'schedule.set'; enterpriseId: string; collection: string; before: ScheduleShape | null; after: ScheduleShape }
  | { action: 'schedules.defaulted'; enterpriseIds: string[]; collections: string[] }
  | { action: 'sync.requested'; operationId: string; mode: string; collections: string[] | null; enterpriseIds: string[] | null; runs: number }
  | { action: 'run.paused'; runId: string }
  | { action: 'run.resumed'; runId: string }
  | { action: 'run.cancelled'; runId: string }
  | { action: 'runs.stopped'; /** Of a token that was disabled or revoked. */ switchedOff: number; /** Of an enterprise that was disconnected, or of a tenant that is being deleted. */ disconnected: number }
  | { action: 'run.retried'; runId: string; newRunId?: string }
  | { action: 'run.deletions_confirmed'; runId: string; deleted: number };

interface EnvironmentShape { name: string; platformAddress: string; webSocketAddress: string | null; requestLimit: { requests: number; seconds: number } }
interface ScheduleShape { every?: string | null; cron?: string | null; timeZone?: string | null; enabled: boolean }

export type AuditAction = AuditEvent['action'];
