// The platform's API keys, of programs that act in every tenant: made once and shown once, listed without their text, revoked at once.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { AppError, Database, decodeCursor, hintOf, newId, sql, toPage, type Actor, type ApiKeyId, type Page, type PlatformRole } from '@keyrack/core';
import { revokeLinksMadeBy } from './access-links.js';
import { newApiKey } from './api-key.js';
import { apiKeyColumns, apiKeySchema, newApiKeySchema, toApiKey, type ApiKeyRow, type ListQuery } from './api-keys.js';
import { Hasher } from './hasher.js';
import { Makers } from './makers.js';

const role = z.enum(['admin', 'operator', 'auditor']);

export const newPlatformApiKeySchema = newApiKeySchema.extend({ role });
export type NewPlatformApiKey = z.infer<typeof newPlatformApiKeySchema>;

export const platformApiKeySchema = apiKeySchema.extend({ role }).meta({ id: 'PlatformApiKey' });
export type PlatformApiKey = z.infer<typeof platformApiKeySchema>;

export const createdPlatformApiKeySchema = platformApiKeySchema.extend({ key: z.string().describe('The key itself. No other answer ever holds it') }).meta({ id: 'CreatedPlatformApiKey' });
export type CreatedPlatformApiKey = z.infer<typeof createdPlatformApiKeySchema>;

type KeyRow = ApiKeyRow<PlatformRole>;

@Injectable()
export class PlatformApiKeys {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Hasher) private readonly hasher: Hasher, @Inject(Audit) private readonly audit: Audit, @Inject(Makers) private readonly makers: Makers,
  ) {}

  /**
   * The only answer that holds the key.
   * @throws AppError `auth.forbidden` where the role was taken away meanwhile
   */
  async create(me: Actor, { name, role: as, expiresAt }: NewPlatformApiKey): Promise<CreatedPlatformApiKey> {
    const key = newApiKey();
    return this.makers.onPlatform(me, 'platform-api-keys:write', null, async (tx) => {
      const [row] = await tx.run<KeyRow>(sql`
        insert into platform_api_key (id, name, role, key_hash, hint, expires_at)
        values (${newId<ApiKeyId>()}, ${name}, ${as}, ${this.hasher.hash('api key', key)}, ${hintOf(key)}, ${expiresAt ?? null}) returning ${apiKeyColumns}`);
      if (!row) throw new Error('the key was not inserted');
      const made = toApiKey(row);
      await this.audit.record(tx, me, { action: 'api_key.created', apiKeyId: made.id, name, role: as, hint: made.hint, expiresAt: made.expiresAt });
      return { ...made, key: key.reveal() };
    });
  }

  /** Keys that are not revoked, newest first. */
  async list({ limit, cursor }: ListQuery): Promise<Page<PlatformApiKey>> {
    const after = decodeCursor(cursor, 1);
    const rows = await this.db.onPlatform('list the API keys of the platform', (tx) => tx.run<KeyRow>(sql`
      select ${apiKeyColumns} from platform_api_key where revoked_at is null ${after ? sql`and id < ${after[0]}` : sql``} order by id desc limit ${limit + 1}`));
    return toPage(rows.map((row) => toApiKey(row)), limit, (key) => [key.id]);
  }

  /**
   * Also the last one of an administrator: a key that leaked must go. A new KEYRACK_BOOTSTRAP_KEY makes another; the revoked one stays revoked.
   * The links that the key made, in whichever tenant, end with it.
   * @throws AppError `api_key.not_found`
   */
  async revoke(me: Actor, id: ApiKeyId): Promise<void> {
    await this.db.onPlatform('revoke an API key of the platform', async (tx) => {
      const [row] = await tx.sql<{ name: string }>`update platform_api_key set revoked_at = now() where id = ${id} and revoked_at is null returning name`;
      if (!row) throw new AppError('api_key.not_found');
      await revokeLinksMadeBy(tx, this.audit, me, { key: id });
      await this.audit.record(tx, me, { action: 'api_key.revoked', apiKeyId: id, name: row.name });
    });
  }
}
