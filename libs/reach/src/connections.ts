// Which AccessToken is used for an enterprise: exactly one, its own before a portfolio's; every move is explicit and audited.
import { Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { AppError, Database, type AccessTokenId, type EnterpriseId, type TenantActor, type TenantTx } from '@keyrack/core';
import { planConnections, type ConnectionStep, type TokenOfConnection } from './reach.js';
import type { ConnectedBy, ConnectionChange } from './reach.schemas.js';

/** Where the wanted enterprises stand after a token asked for them. */
export interface Connecting {
  /** Served by the token now, moved ones included. */
  connected: Set<EnterpriseId>;
  moved: { enterpriseId: EnterpriseId; from: ConnectedBy }[];
  /** Left with the token that served them. */
  left: Map<EnterpriseId, ConnectedBy>;
}

@Injectable()
export class Connections {
  constructor(private readonly db: Database, private readonly audit: Audit) {}

  /** Who serves these enterprises now. */
  async servedBy(tx: TenantTx, enterprises: readonly EnterpriseId[]): Promise<Map<EnterpriseId, ConnectedBy>> {
    const rows = await tx.sql<ConnectedBy & { enterpriseId: EnterpriseId }>`
      select c.enterprise_id as "enterpriseId", c.access_token_id as "accessTokenId", t.hint, t.kind
        from connection c join access_token t on t.tenant_id = c.tenant_id and t.id = c.access_token_id
       where c.enterprise_id = any(${enterprises}::uuid[])`;
    return new Map(rows.map(({ enterpriseId, ...by }) => [enterpriseId, by]));
  }

  async enterprisesOf(tx: TenantTx, token: AccessTokenId): Promise<{ id: EnterpriseId; name: string }[]> {
    return tx.sql<{ id: EnterpriseId; name: string }>`
      select e.id, e.name from connection c join enterprise e on e.tenant_id = c.tenant_id and e.id = c.enterprise_id
       where c.access_token_id = ${token} order by e.name, e.id`;
  }

  /** The enterprises that a token serves now. */
  async servedIds(me: TenantActor, token: AccessTokenId): Promise<EnterpriseId[]> {
    return this.db.inTenant(me.tenantId, async (tx) => (await this.enterprisesOf(tx, token)).map((enterprise) => enterprise.id));
  }

  /** Connects what a token may take by itself: enterprises that nobody serves, and for their own token those that a portfolio token serves. */
  async connect(tx: TenantTx, me: TenantActor, token: TokenOfConnection, wanted: readonly EnterpriseId[]): Promise<Connecting> {
    await lockEnterprises(tx, wanted);
    const existing = await this.servedBy(tx, wanted);
    const steps = planConnections(token, wanted, new Map([...existing].map(([id, by]) => [id, { id: by.accessTokenId, kind: by.kind }])));
    const taken = steps.filter((step) => step.kind !== 'keep');
    await tx.sql`
      insert into connection (tenant_id, environment_id, enterprise_id, access_token_id)
      select t.tenant_id, t.environment_id, taken.id, t.id
        from access_token t cross join unnest(${taken.map((step) => step.enterpriseId)}::uuid[]) taken (id) where t.id = ${token.id}
      on conflict (tenant_id, enterprise_id) do update set access_token_id = excluded.access_token_id, connected_at = excluded.connected_at`;
    await this.#recordSteps(tx, me, token.id, steps);
    const result: Connecting = { connected: new Set(), moved: [], left: new Map() };
    for (const { kind, enterpriseId } of steps) {
      const before = existing.get(enterpriseId);
      if (kind !== 'keep' || before?.accessTokenId === token.id) result.connected.add(enterpriseId);
      else if (before) result.left.set(enterpriseId, before);
      if (kind === 'move' && before) result.moved.push({ enterpriseId, from: before });
    }
    return result;
  }

  /**
   * Uses this token for this enterprise from now on, whoever served it before.
   * @throws AppError `enterprise.not_found`, `access_token.not_found`, `access_token.not_active`, `enterprise.not_reached`
   */
  async assign(me: TenantActor, enterprise: EnterpriseId, token: AccessTokenId): Promise<ConnectionChange> {
    return this.db.inTenant(me.tenantId, async (tx) => {
      await requireUsable(tx, enterprise, token);
      const before = (await this.servedBy(tx, [enterprise])).get(enterprise) ?? null;
      const [row] = await tx.sql<{ connectedAt: Date }>`
        insert into connection (tenant_id, environment_id, enterprise_id, access_token_id)
        select tenant_id, environment_id, ${enterprise}::uuid, id from access_token where id = ${token}
        on conflict (tenant_id, enterprise_id) do update set access_token_id = excluded.access_token_id,
          connected_at = case when connection.access_token_id = excluded.access_token_id then connection.connected_at else excluded.connected_at end
        returning connected_at as "connectedAt"`;
      if (!row) throw new AppError('access_token.not_found');
      if (!before) await this.audit.record(tx, me, { action: 'connection.made', enterpriseIds: [enterprise], accessTokenId: token });
      const moved = before !== null && before.accessTokenId !== token;
      if (moved) await this.audit.record(tx, me, { action: 'connection.moved', enterpriseId: enterprise, accessTokenId: { before: before.accessTokenId, after: token } });
      return { enterpriseId: enterprise, accessTokenId: token, connectedAt: row.connectedAt.toISOString(), movedFrom: moved ? before : null };
    });
  }

  /** @throws AppError `connection.not_found` */
  async disconnect(me: TenantActor, enterprise: EnterpriseId): Promise<void> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const [row] = await tx.sql<{ token: AccessTokenId }>`delete from connection where enterprise_id = ${enterprise} returning access_token_id as token`;
      if (!row) throw new AppError('connection.not_found', { detail: 'This enterprise is not connected; PUT …/connection with an accessTokenId connects it' });
      await this.audit.record(tx, me, { action: 'connection.removed', enterpriseIds: [enterprise], accessTokenId: row.token });
    });
  }

  /** Ends every use of a token. */
  async disconnectAll(tx: TenantTx, me: TenantActor, token: AccessTokenId): Promise<void> {
    const rows = await tx.sql<{ id: EnterpriseId }>`delete from connection where access_token_id = ${token} returning enterprise_id as id`;
    const enterpriseIds = rows.map((row) => row.id);
    if (enterpriseIds.length > 0) await this.audit.record(tx, me, { action: 'connection.removed', enterpriseIds, accessTokenId: token });
  }

  async #recordSteps(tx: TenantTx, me: TenantActor, token: AccessTokenId, steps: readonly ConnectionStep[]): Promise<void> {
    const made = steps.filter((step) => step.kind === 'connect').map((step) => step.enterpriseId);
    if (made.length > 0) await this.audit.record(tx, me, { action: 'connection.made', enterpriseIds: made, accessTokenId: token });
    for (const step of steps) {
      if (step.kind === 'move') await this.audit.record(tx, me, { action: 'connection.moved', enterpriseId: step.enterpriseId, accessTokenId: { before: step.from, after: token } });
    }
  }
}

// Two that connect the same enterprises take turns here; else the second would plan on what the first is about to change.
async function lockEnterprises(tx: TenantTx, ids: readonly EnterpriseId[]): Promise<number> {
  const rows = await tx.sql`select id from enterprise where id = any(${ids}::uuid[]) order by id for no key update`;
  return rows.length;
}

async function requireUsable(tx: TenantTx, enterprise: EnterpriseId, token: AccessTokenId): Promise<void> {
  // The token's row first, as every change of a token takes it: it cannot be revoked between the check and the insert.
  const [found] = await tx.sql<{ status: string; hint: string }>`select status, hint from access_token where id = ${token} for share`;
  if (await lockEnterprises(tx, [enterprise]) === 0) throw new AppError('enterprise.not_found', { detail: 'No AccessToken of this tenant has ever opened an enterprise with this id' });
  if (!found) throw new AppError('access_token.not_found', { detail: 'This tenant has no AccessToken with this id: GET …/access-tokens lists those that it has' });
  if (found.status !== 'active') throw new AppError('access_token.not_active', { detail: `The AccessToken ${found.hint} is ${found.status}: verify, enable or rotate it first, or choose another` });
  const [reached] = await tx.sql`select 1 from reach where access_token_id = ${token} and enterprise_id = ${enterprise} and lost_at is null`;
  if (!reached) {
    throw new AppError('enterprise.not_reached', {
      detail: `The AccessToken ${found.hint} does not open this enterprise now. Choose one that does (GET …/reach?enterpriseId=${enterprise}), or verify the token if Mews has just granted it`,
      data: { enterpriseIds: [enterprise] },
    });
  }
}
