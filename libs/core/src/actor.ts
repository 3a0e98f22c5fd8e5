// Who does something: a person, an API key, or Keyrack itself. Every mutation and every audit event names one.
import type { TenantId } from './ids.js';

export type PlatformRole = 'admin' | 'operator' | 'auditor';
export type TenantRole = 'owner' | 'developer' | 'viewer';

export interface Actor {
  kind: 'user' | 'api_key' | 'system';
  /** Row id of the user or key; the job's name for the system. */
  id: string;
  /** What a person recognises in the audit trail: an e-mail address, a key's name, a job. */
  name: string;
  /** The role on the platform, when the caller has one. */
  platformRole?: PlatformRole;
  /** The role within the tenant of the request, when the caller has one. */
  tenantRole?: TenantRole;
}

/** An actor inside one tenant: the tenant of the request, already checked against the caller's reach. */
export interface TenantActor extends Actor { tenantId: TenantId }

export const systemActor = (job: string): Actor => ({ kind: 'system', id: job, name: job });
export const systemIn = (tenantId: TenantId, job: string): TenantActor => ({ ...systemActor(job), tenantId });
