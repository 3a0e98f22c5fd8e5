// Who sent a request, as its API key or session tells; which tenant it is about is decided at the edge.
import type { Actor, TenantId, TenantRole } from '@keyrack/core';

export interface Caller {
  actor: Actor;
  /** The tenants in which the caller has a role of its own; platform roles reach every tenant besides. */
  tenants: ReadonlyMap<TenantId, TenantRole>;
  /** Set for a session: what its mutating requests must carry. */
  csrfToken?: string;
}
