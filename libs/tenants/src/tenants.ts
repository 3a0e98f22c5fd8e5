// The vendor's customers: made with their data key, found by slug or id, renamed, and deleted for good.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import {
  allOf, AppError, cursorSchema, Database, decodeCursor, idSchema, limitSchema, nameSchema, newId, sql, toPage,
  type Actor, type OperationId, type Page, type TenantActor, type TenantId,
} from '@keyrack/core';
import { Vault } from '@keyrack/credentials';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const slugSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 characters of a-z, 0-9 and -, and begin with a letter or digit')
  // A slug that looks like an id could stand for another tenant in `/v1/tenants/:tenant`.
  .refine((slug) => !GUID.test(slug), 'must not look like a UUID');

export const newTenantSchema = z.strictObject({ slug: slugSchema, name: nameSchema });
export type NewTenant = z.infer<typeof newTenantSchema>;

export const tenantChangeSchema = z.strictObject({ name: nameSchema });
export type TenantChange = z.infer<typeof tenantChangeSchema>;

export const tenantQuerySchema = z.strictObject({ q: z.string().max(200).optional().describe('Part of the name or slug'), limit: limitSchema, cursor: cursorSchema });
export type TenantQuery = z.infer<typeof tenantQuerySchema>;

export const tenantSchema = z.object({
  id: idSchema<TenantId>(), slug: z.string(), name: z.string(), state: z.enum(['active', 'deleting']), createdAt: z.iso.datetime(),
}).meta({ id: 'Tenant' });
export type Tenant = z.infer<typeof tenantSchema>;

type TenantRow = Omit<Tenant, 'createdAt'> & { createdAt: Date };

@Injectable()
export class Tenants {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Vault) private readonly vault: Vault, @Inject(Audit) private readonly audit: Audit) {}

  /** @throws AppError `tenant.not_found`, also for a tenant that has been deleted. */
  async resolve(slugOrId: string): Promise<Tenant> {
    const tenant = await this.find(slugOrId);
    if (!tenant) throw new AppError('tenant.not_found');
    return tenant;
  }

  /** Nothing for a tenant that has been deleted. */
  async find(slugOrId: string): Promise<Tenant | undefined> {
    const [reason, which] = GUID.test(slugOrId) ? ['find a tenant by id', sql`id = ${slugOrId}`] as const : ['find a tenant by slug', sql`slug = ${slugOrId}`] as const;
    const [row] = await this.db.atOnce<TenantRow>(reason, sql`select ${columns} from tenant where state <> 'deleted' and ${which}`);
    return row && toTenant(row);
  }

  /** @throws AppError `tenant.duplicate` when the slug is taken. */
  async create(me: Actor, { slug, name }: NewTenant): Promise<Tenant> {
    return this.db.onPlatform('create a tenant', async (tx) => {
      const [row] = await tx.run<TenantRow>(sql`
        insert into tenant (id, slug, name) values (${newId<TenantId>()}, ${slug}, ${name})
        on conflict (slug) where state <> 'deleted' do nothing returning ${columns}`);
      if (!row) throw new AppError('tenant.duplicate', { detail: `The slug "${slug}" is taken: choose another`, errors: [{ pointer: '/slug', detail: 'is taken' }] });
      await this.vault.createTenantKey(tx, row.id);
      await this.audit.record(tx, me, { action: 'tenant.created', tenantId: row.id, slug, name });
      return toTenant(row);
    });
  }

  /** By name. @param within the tenants that the caller may see; all when null. */
  async list(within: readonly TenantId[] | null, { q, limit, cursor }: TenantQuery): Promise<Page<Tenant>> {
    const after = decodeCursor(cursor, 2);
    const pattern = q === undefined ? undefined : `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    const where = allOf([
      sql`state <> 'deleted'`,
      within === null ? undefined : sql`id = any(${within}::uuid[])`,
      pattern === undefined ? undefined : sql`(name ilike ${pattern} or slug ilike ${pattern})`,
      after === null ? undefined : sql`(name, id) > (${after[0]}, ${after[1]}::uuid)`,
    ]);
    const rows = await this.db.onPlatform('list tenants', (tx) => tx.run<TenantRow>(sql`
      select ${columns} from tenant where ${where} order by name, id limit ${limit + 1}`));
    return toPage(rows.map(toTenant), limit, (tenant) => [tenant.name, tenant.id]);
  }

  async rename(me: TenantActor, { name }: TenantChange): Promise<Tenant> {
    return this.db.onPlatform('rename a tenant', async (tx) => {
      const [before] = await tx.sql<TenantRow>`select name from tenant where id = ${me.tenantId} and state = 'active' for update`;
      const [row] = await tx.run<TenantRow>(sql`update tenant set name = ${name} where id = ${me.tenantId} and state = 'active' returning ${columns}`);
      if (!before || !row) throw new AppError('tenant.deleting');
      if (before.name !== name) await this.audit.record(tx, me, { action: 'tenant.renamed', tenantId: row.id, name: { before: before.name, after: name } });
      return toTenant(row);
    });
  }

  /** Marks the tenant; from here on nothing but its erasure changes it. Asked again, answers the operation that is under way. */
  async startDeletion(me: TenantActor): Promise<OperationId> {
    return this.db.onPlatform('start to delete a tenant', async (tx) => {
      const [row] = await tx.sql<{ slug: string }>`update tenant set state = 'deleting' where id = ${me.tenantId} and state = 'active' returning slug`;
      if (!row) {
        const [underWay] = await tx.sql<{ id: OperationId }>`
          select id from operation where tenant_id = ${me.tenantId} and kind = ${DELETION} order by created_at desc limit 1`;
        if (!underWay) throw new AppError('tenant.not_found');
        return underWay.id;
      }
      const operationId = newId<OperationId>();
      await tx.sql`insert into operation (tenant_id, id, kind) values (${me.tenantId}, ${operationId}, ${DELETION})`;
      await this.audit.record(tx, me, { action: 'tenant.deletion_started', tenantId: me.tenantId, slug: row.slug, operationId });
      return operationId;
    });
  }
}

/** The kind of the operation that deletes a tenant. */
export const DELETION = 'tenant.delete';

const columns = sql`id, slug, name, state, created_at as "createdAt"`;

const toTenant = (row: TenantRow): Tenant => ({ ...row, createdAt: row.createdAt.toISOString() });
