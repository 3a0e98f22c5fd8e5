// The first way in: a user and an API key from the configuration.
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Config, ConfigError, Database, hintOf, newId, systemActor, type ApiKeyId, type UserId } from '@keyrack/core';
import { faultOf } from './bootstrap-key.js';
import { Hasher } from './hasher.js';
import { hashPassword, passwordSchema } from './password.js';

const me = systemActor('first-access');

@Injectable()
export class FirstAccess {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Config) private readonly config: Config,
    @Inject(Hasher) private readonly hasher: Hasher, @Inject(Audit) private readonly audit: Audit,
  ) {}

  /** Safe to call at every start and by several processes at once: it makes only what is not there. */
  async prepare(): Promise<void> {
    await this.#prepareKey();
    await this.#prepareUser();
  }

  async #prepareKey(): Promise<void> {
    const key = this.config.bootstrapKey;
    if (!key) return;
    const fault = faultOf(key);
    if (fault !== undefined) throw new ConfigError(`KEYRACK_BOOTSTRAP_KEY: ${fault}; make one with: openssl rand -hex 24`);
    await this.db.onPlatform('prepare the bootstrap key', async (tx) => {
      const [made] = await tx.sql<{ id: ApiKeyId }>`
        insert into platform_api_key (id, name, role, key_hash, hint)
        values (${newId<ApiKeyId>()}, 'bootstrap', 'admin', ${this.hasher.hash('api key', key)}, ${hintOf(key)})
        on conflict (key_hash) do nothing returning id`;
      if (made) await this.audit.record(tx, me, { action: 'api_key.created', apiKeyId: made.id, name: 'bootstrap', role: 'admin', hint: hintOf(key), expiresAt: null });
    });
  }

  async #prepareUser(): Promise<void> {
    const { adminEmail: email, adminPassword: password } = this.config;
    if (!email || !password) return;
    const [found] = await this.db.onPlatform('look for users', (tx) => tx.sql`select 1 from app_user limit 1`);
    if (found) return;
    const usable = passwordSchema.safeParse(password.reveal());
    if (!usable.success) throw new ConfigError(`KEYRACK_ADMIN_PASSWORD: ${usable.error.issues.map(({ message }) => message).join(', ')}; make one with: openssl rand -base64 18`);
    const hash = await hashPassword(password);
    await this.db.onPlatform('make the first user', async (tx) => {
      // Several processes may start at once on an empty database.
      await tx.sql`lock table app_user in share row exclusive mode`;
      const [made] = await tx.sql<{ id: UserId }>`
        insert into app_user (id, email, name, password_hash, platform_role)
        select ${newId<UserId>()}::uuid, ${email}, ${email.split('@')[0]}, ${hash}, 'admin' where not exists (select 1 from app_user) returning id`;
      if (made) await this.audit.record(tx, me, { action: 'user.created', userId: made.id, email, platformRole: 'admin' });
    });
  }
}
