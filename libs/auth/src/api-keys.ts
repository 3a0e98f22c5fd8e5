// A tenant's API keys: made once and shown once, listed without their text, revoked at once.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import {
  AppError, cursorSchema, Database, decodeCursor, hintOf, idSchema, limitSchema, nameSchema, newId, sql, toPage, type ApiKeyId, type Page, type TenantActor, type TenantId, type TenantRole,
} from '@keyrack/core';
import { revokeLinksMadeBy } from './access-links.js';
import { newApiKey } from './api-key.js';
import { Hasher } from './hasher.js';
import { Makers } from './makers.js';

const tenantRole = z.enum(['owner', 'developer', 'viewer']);

export const newApiKeySchema = z.strictObject({
  name: nameSchema, role: tenantRole,
  expiresAt: z.iso.datetime({ offset: true, error: 'must be a time such as 2030-01-31T00:00:00Z' })
    .refine((text) => Date.parse(text) > Date.now(), 'must be in the future')
    // As a date: of its text Postgres takes fewer offsets than JavaScript.
    .transform((text) => new Date(text)).meta({ format: 'date-time' }).optional(),
});
export type NewApiKey = z.infer<typeof newApiKeySchema>;

export const apiKeySchema = z.object({
  id: idSchema<ApiKeyId>(), name: z.string(), role: tenantRole, hint: z.string().describe('The end of the key'),
  expiresAt: z.iso.datetime().nullable(), lastUsedAt: z.iso.datetime().nullable(), createdAt: z.iso.datetime(),
}).meta({ id: 'ApiKey' });
export type ApiKey = z.infer<typeof apiKeySchema>;

export const createdApiKeySchema = apiKeySchema.extend({ key: z.string().describe('The key itself. No other answer ever holds it') }).meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof createdApiKeySchema>;

export const listQuerySchema = z.strictObject({ limit: limitSchema, cursor: cursorSchema });
export type ListQuery = z.infer<typeof listQuerySchema>;

export interface ApiKeyRow<Role> { id: ApiKeyId; name: string; role: Role; hint: string; expiresAt: Date | null; lastUsedAt: Date | null; createdAt: Date }

@Injectable()
export class ApiKeys {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher, @Inject(Audit) private readonly audit: Audit, @Inject(Makers) private readonly makers: Makers,
  ) {}

  /**
   * The only answer that holds the key.
   * @throws AppError `auth.forbidden` where the role was taken away meanwhile
   */
  async create(me: TenantActor, { name, role, expiresAt }: NewApiKey): Promise<CreatedApiKey> {
    const key = newApiKey();
    return this.makers.inTenant(me, 'api-keys:write', null, async (tx) => {
      const [row] = await tx.run<ApiKeyRow<TenantRole>>(sql`
        insert into api_key (tenant_id, id, name, role, key_hash, hint, expires_at)
        values (${me.tenantId}, ${newId<ApiKeyId>()}, ${name}, ${role}, ${this.hasher.hash('api key', key)}, ${hintOf(key)}, ${expiresAt ?? null})
        returning ${apiKeyColumns}`);
      if (!row) throw new Error('the key was not inserted');
      const made = toApiKey(row);
      await this.audit.record(tx, me, { action: 'api_key.created', apiKeyId: made.id, name, role, hint: made.hint, expiresAt: made.expiresAt });
      return { ...made, key: key.reveal() };
    });
  }

  /** Keys that are not revoked, newest first. */
  async list(tenantId: TenantId, { limit, cursor }: ListQuery): Promise<Page<ApiKey>> {
    const after = decodeCursor(cursor, 1);
    const rows = await this.db.inTenant(tenantId, (tx) => tx.run<ApiKeyRow<TenantRole>>(sql`
      select ${apiKeyColumns} from api_key where tenant_id = ${tenantId} and revoked_at is null ${after ? sql`and id < ${after[0]}` : sql``}
       order by id desc limit ${limit + 1}`));
    return toPage(rows.map((row) => toApiKey(row)), limit, (key) => [key.id]);
  }

  /**
   * The links that the key made end with it: whoever took the key could come in by them.
   * @throws AppError `api_key.not_found`
   */
  async revoke(me: TenantActor, id: ApiKeyId): Promise<void> {
    await this.db.inTenant(me.tenantId, async (tx) => {
      const [row] = await tx.sql<{ name: string }>`
        update api_key set revoked_at = now() where tenant_id = ${me.tenantId} and id = ${id} and revoked_at is null returning name`;
      if (!row) throw new AppError('api_key.not_found');
      await revokeLinksMadeBy(tx, this.audit, me, { key: id });
      await this.audit.record(tx, me, { action: 'api_key.revoked', apiKeyId: id, name: row.name });
    });
  }
}

export const apiKeyColumns = sql`id, name, role, hint, expires_at as "expiresAt", last_used_at as "lastUsedAt", created_at as "createdAt"`;

export const toApiKey = <Role>(row: ApiKeyRow<Role>): Omit<ApiKey, 'role'> & { role: Role } => ({
  ...row, expiresAt: row.expiresAt?.toISOString() ?? null, lastUsedAt: row.lastUsedAt?.toISOString() ?? null, createdAt: row.createdAt.toISOString(),
});
