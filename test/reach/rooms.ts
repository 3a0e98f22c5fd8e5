// The rooms of reach on a fresh database, with a tenant, an application and tokens made behind the program's back.
import { randomUUID } from 'node:crypto';
import { Audit } from '@keyrack/audit';
import { newId, systemIn, type AccessTokenId, type ChainId, type EnterpriseId, type EnvironmentId, type TenantActor, type TenantId } from '@keyrack/core';
import { Connections, Enterprises, Reach, ReachAudit, ReachAuditRepository, ReachRepository, viaOf, type ListedEnterprise, type ReachDiff, type TokenKind } from '@keyrack/reach';
import { createTestDatabase, type TestDatabase } from '../harness/database.js';

export const demo = 'demo' as EnvironmentId;
export const newEnterpriseId = (): EnterpriseId => randomUUID() as EnterpriseId;
const chain = randomUUID() as ChainId;
export const hotel = (name: string, id = newEnterpriseId()): ListedEnterprise => ({ id, name, chainId: chain, timeZone: 'Europe/Prague', createdUtc: new Date('2020-01-01T00:00:00Z') });

export interface Rooms {
  database: TestDatabase; reach: Reach; lists: ReachAudit; enterprises: Enterprises; connections: Connections;
  tenant(): Promise<TenantActor>;
  token(me: TenantActor, kind: TokenKind, environment?: EnvironmentId): Promise<AccessTokenId>;
  sweep(me: TenantActor, token: AccessTokenId, kind: TokenKind, listed: ListedEnterprise[], at: Date): Promise<ReachDiff>;
}

export async function openRooms(): Promise<Rooms> {
  const database = await createTestDatabase();
  const { db, owner } = database;
  const audit = new Audit(db, database);
  const repository = new ReachRepository();
  const reach = new Reach(db, repository);
  const enterprises = new Enterprises(db);
  const application = randomUUID();
  await owner.query(`insert into application (id, name, version) values ($1, 'Test', '1')`, [application]);
  return {
    database, reach, lists: new ReachAudit(db, audit, new ReachAuditRepository(), repository), enterprises, connections: new Connections(db, audit),
    async tenant() {
      const id = newId<TenantId>();
      await owner.query(`insert into tenant (id, slug, name) values ($1, $2, 'A tenant')`, [id, `t-${id}`]);
      return systemIn(id, 'test');
    },
    async token(me, kind, environment = demo) {
      const id = newId<AccessTokenId>();
      await owner.query(`insert into access_token (tenant_id, id, environment_id, application_id, kind, hint, fingerprint, ciphertext) values ($1, $2, $3, $4, $5, $6, $7, '\\x00')`,
        [me.tenantId, id, environment, application, kind, `…${id.slice(-4)}`, id]);
      return id;
    },
    async sweep(me, token, kind, listed, at) {
      return db.inTenant(me.tenantId, async (tx) => {
        await enterprises.upsert(tx, demo, listed);
        const diff = await reach.record(tx, { id: token, via: viaOf(kind) }, listed.map((one) => one.id), { at, noticedBy: 'check' });
        await tx.sql`update access_token set last_verified_at = ${at} where id = ${token}`;
        return diff;
      });
    },
  };
}
