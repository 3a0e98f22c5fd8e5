// Mews platforms: `demo`, `production`, and others that the operator adds.
import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import { AppError, Config, cursorSchema, Database, decodeCursor, limitSchema, nameSchema, sql, toPage, type Actor, type EnvironmentId, type Page, type PlatformTx } from '@keyrack/core';
import { Vault } from '@keyrack/credentials';
import { judgeAddress } from './platform-address.js';

/** The id of an environment: a short name such as `demo`. */
export const environmentIdSchema = z.string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 characters of a-z, 0-9 and -, and begin with a letter or digit')
  .transform((id) => id as EnvironmentId);

const requestLimitSchema = z.strictObject({
  requests: z.int().min(1).max(100_000), seconds: z.int().min(1).max(3_600),
}).describe('How many requests Mews takes per AccessToken within how many seconds');

const addressSchema = z.string().trim().min(1, 'is required').max(300);

export const newEnvironmentSchema = z.strictObject({
  id: environmentIdSchema, name: nameSchema, platformAddress: addressSchema, webSocketAddress: addressSchema.optional(),
  requestLimit: requestLimitSchema.default({ requests: 200, seconds: 30 }),
});
export type NewEnvironment = z.infer<typeof newEnvironmentSchema>;

export const environmentChangeSchema = z.strictObject({
  name: nameSchema, platformAddress: addressSchema, webSocketAddress: addressSchema.nullable(), requestLimit: requestLimitSchema,
}).partial();
export type EnvironmentChange = z.infer<typeof environmentChangeSchema>;

export const environmentQuerySchema = z.strictObject({ limit: limitSchema, cursor: cursorSchema });
export type EnvironmentQuery = z.infer<typeof environmentQuerySchema>;

export const environmentSchema = z.object({
  id: environmentIdSchema, name: z.string(), platformAddress: z.string(), webSocketAddress: z.string().nullable(),
  requestLimit: z.object({ requests: z.int(), seconds: z.int() }), createdAt: z.iso.datetime(),
}).meta({ id: 'Environment' });
export type Environment = z.infer<typeof environmentSchema>;

type EnvironmentRow = Omit<Environment, 'createdAt'> & { createdAt: Date };

@Injectable()
export class Environments {
  constructor(
    @Inject(Database) private readonly db: Database, @Inject(Config) private readonly config: Config,
    @Inject(Vault) private readonly vault: Vault, @Inject(Audit) private readonly audit: Audit,
  ) {}

  async list({ limit, cursor }: EnvironmentQuery): Promise<Page<Environment>> {
    const after = decodeCursor(cursor, 1);
    const rows = await this.db.onPlatform('list environments', (tx) => tx.run<EnvironmentRow>(sql`
      select ${columns} from environment where ${after ? sql`id > ${after[0]}` : sql`true`} order by id limit ${limit + 1}`));
    return toPage(rows.map(toEnvironment), limit, (environment) => [environment.id]);
  }

  /** @throws AppError `environment.not_found`. */
  async get(id: EnvironmentId): Promise<Environment> {
    const [row] = await this.db.onPlatform('get an environment', (tx) => tx.run<EnvironmentRow>(sql`select ${columns} from environment where id = ${id}`));
    if (!row) throw notFound(id);
    return toEnvironment(row);
  }

  /** @throws AppError `environment.address_refused`, `environment.duplicate`. */
  async create(me: Actor, { id, name, requestLimit, ...addresses }: NewEnvironment): Promise<Environment> {
    const { platformAddress, webSocketAddress = null } = this.#checked(addresses);
    return this.db.onPlatform('create an environment', async (tx) => {
      const [row] = await tx.run<EnvironmentRow>(sql`
        insert into environment (id, name, platform_address, web_socket_address, address_mac, limit_requests, limit_seconds)
        values (${id}, ${name}, ${platformAddress}, ${webSocketAddress}, ${this.vault.addressMac({ id, platformAddress, webSocketAddress })}, ${requestLimit.requests}, ${requestLimit.seconds})
        on conflict (id) do nothing returning ${columns}`);
      if (!row) throw new AppError('environment.duplicate', { detail: `There is an environment "${id}" already: choose another id`, errors: [{ pointer: '/id', detail: 'is taken' }] });
      await this.audit.record(tx, me, { action: 'environment.created', environment: id, platformAddress: row.platformAddress });
      return toEnvironment(row);
    });
  }

  /** @throws AppError `environment.address_refused`, `environment.not_found`; `environment.in_use` for another address while there are tokens that would go there. */
  async change(me: Actor, id: EnvironmentId, change: EnvironmentChange): Promise<Environment> {
    const checked = this.#checked(change);
    return this.db.onPlatform('change an environment', async (tx) => {
      const [before] = await tx.run<EnvironmentRow>(sql`select ${columns} from environment where id = ${id} for update`);
      if (!before) throw notFound(id);
      const { name = before.name, platformAddress = before.platformAddress, webSocketAddress = before.webSocketAddress, requestLimit = before.requestLimit } = checked;
      const moves = platformAddress !== before.platformAddress || webSocketAddress !== before.webSocketAddress;
      if (moves) await refuseInUse(tx, id);
      // Where nothing moves the MAC stays, or a change of the name would vouch for an address that somebody put there.
      const mac = moves ? sql`${this.vault.addressMac({ id, platformAddress, webSocketAddress })}` : sql`address_mac`;
      const [row] = await tx.run<EnvironmentRow>(sql`
        update environment set name = ${name}, platform_address = ${platformAddress}, web_socket_address = ${webSocketAddress}, address_mac = ${mac},
               limit_requests = ${requestLimit.requests}, limit_seconds = ${requestLimit.seconds}
         where id = ${id} returning ${columns}`);
      if (!row) throw notFound(id);
      const changed = { before: shape(before), after: shape(row) };
      if (!isDeepStrictEqual(changed.before, changed.after)) await this.audit.record(tx, me, { action: 'environment.changed', environment: id, ...changed });
      return toEnvironment(row);
    });
  }

  #checked<Addresses extends { platformAddress?: string | undefined; webSocketAddress?: string | null | undefined }>(addresses: Addresses): Addresses {
    const allowPrivate = this.config.allowHttpPlatform;
    const check = (pointer: string, text: string, protocols: string[]): string => {
      const verdict = judgeAddress(text, { protocols, allowPrivate });
      if (verdict.kind === 'allowed') return verdict.address;
      throw new AppError('environment.address_refused', { detail: `The address ${verdict.detail}`, errors: [{ pointer, detail: verdict.detail }] });
    };
    const { platformAddress, webSocketAddress } = addresses;
    return {
      ...addresses,
      ...(platformAddress !== undefined && { platformAddress: check('/platformAddress', platformAddress, allowPrivate ? ['https:', 'http:'] : ['https:']) }),
      ...(typeof webSocketAddress === 'string' && { webSocketAddress: check('/webSocketAddress', webSocketAddress, allowPrivate ? ['wss:', 'ws:'] : ['wss:']) }),
    };
  }
}

/** Under the lock of the environment's row, which whoever adds a token refers to. */
async function refuseInUse(tx: PlatformTx, id: EnvironmentId): Promise<void> {
  const [used] = await tx.sql`
    select 1 from application_client_token where environment_id = ${id}
    union all select 1 from access_token where environment_id = ${id} and status <> 'revoked' limit 1`;
  if (used) throw new AppError('environment.in_use', { detail: `Tokens of "${id}" would be sent to the new address: make a new environment for it, with tokens of its own` });
}

const columns = sql`id, name, platform_address as "platformAddress", web_socket_address as "webSocketAddress",
  json_build_object('requests', limit_requests, 'seconds', limit_seconds) as "requestLimit", created_at as "createdAt"`;

const toEnvironment = (row: EnvironmentRow): Environment => ({ ...row, createdAt: row.createdAt.toISOString() });

const shape = ({ name, platformAddress, webSocketAddress, requestLimit }: EnvironmentRow) => ({ name, platformAddress, webSocketAddress, requestLimit });

const notFound = (id: EnvironmentId): AppError => new AppError('environment.not_found', { detail: `There is no environment "${id}"; GET /v1/environments lists them` });
