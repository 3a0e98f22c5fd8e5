// The vendor's client applications: a name and version, and one ClientToken per environment, which is written and never shown again.
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '@keyrack/audit';
import {
  AppError, cursorSchema, Database, decodeCursor, hintOf, idSchema, limitSchema, nameSchema, newId, Secret, sql, toPage,
  type Actor, type ApplicationId, type EnvironmentId, type Page, type PlatformTx,
} from '@keyrack/core';
import { Vault, type Binding } from '@keyrack/credentials';
import { refuseAltered } from './addresses.js';
import { environmentIdSchema } from './environments.js';

const clientTokenSchema = z.string().trim().min(8, 'must have at least 8 characters: paste the whole ClientToken').max(500)
  .regex(/^[\x21-\x7e]*$/, 'must not contain spaces or line breaks').transform((text) => new Secret(text));

// Together they are the Client that Mews sees: "Name Version".
const partSchema = nameSchema.max(100);

export const newApplicationSchema = z.strictObject({
  name: partSchema, version: partSchema,
  clientTokens: z.array(z.strictObject({ environment: environmentIdSchema, clientToken: clientTokenSchema })).max(50).default([])
    .refine((tokens) => new Set(tokens.map(({ environment }) => environment)).size === tokens.length, 'must name each environment once'),
});
export type NewApplication = z.infer<typeof newApplicationSchema>;

export const clientTokenChangeSchema = z.strictObject({ clientToken: clientTokenSchema });
export type ClientTokenChange = z.infer<typeof clientTokenChangeSchema>;

export const applicationQuerySchema = z.strictObject({ limit: limitSchema, cursor: cursorSchema });
export type ApplicationQuery = z.infer<typeof applicationQuerySchema>;

export const applicationSchema = z.object({
  id: idSchema<ApplicationId>(), name: z.string(), version: z.string(), client: z.string().describe('As Mews sees it: name and version'),
  environments: z.array(environmentIdSchema).describe('Where it has a ClientToken'),
  clientTokens: z.array(z.object({ environment: environmentIdSchema, hint: z.string(), updatedAt: z.iso.datetime() })), createdAt: z.iso.datetime(),
}).meta({ id: 'Application' });
export type Application = z.infer<typeof applicationSchema>;

/** What a call to Mews needs of the application and the environment. */
export interface ClientCredentials {
  environmentId: EnvironmentId; platformAddress: string; requestLimit: { requests: number; seconds: number }; client: string; clientToken: Secret;
}

interface CredentialsRow { name: string | null; version: string | null; platformAddress: string | null; webSocketAddress: string | null; addressMac: Buffer | null; requests: number; seconds: number; ciphertext: Buffer | null }

interface ApplicationRow { id: ApplicationId; name: string; version: string; tokens: { environment: EnvironmentId; hint: string; updatedAt: string }[]; createdAt: Date }

@Injectable()
export class Applications {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Vault) private readonly vault: Vault, @Inject(Audit) private readonly audit: Audit) {}

  /** @throws AppError `application.duplicate`, `environment.not_found`. */
  async create(me: Actor, { name, version, clientTokens }: NewApplication): Promise<Application> {
    return this.db.onPlatform('create an application', async (tx) => {
      const id = newId<ApplicationId>();
      const [made] = await tx.sql`insert into application (id, name, version) values (${id}, ${name}, ${version}) on conflict (name, version) do nothing returning id`;
      if (!made) throw new AppError('application.duplicate', { detail: `There is an application "${client(name, version)}" already` });
      for (const [i, { environment, clientToken }] of clientTokens.entries()) {
        await this.#writeToken(tx, id, environment, clientToken, `/clientTokens/${i}/environment`);
      }
      await this.audit.record(tx, me, { action: 'application.created', applicationId: id, name, version, environments: clientTokens.map(({ environment }) => environment) });
      return find(tx, id);
    });
  }

  async list({ limit, cursor }: ApplicationQuery): Promise<Page<Application>> {
    const after = decodeCursor(cursor, 1);
    const rows = await this.db.onPlatform('list applications', (tx) => tx.run<ApplicationRow>(sql`
      ${selectApplications} where ${after ? sql`a.id > ${after[0]}` : sql`true`} order by a.id limit ${limit + 1}`));
    return toPage(rows.map(toApplication), limit, (application) => [application.id]);
  }

  /** @throws AppError `application.not_found`. */
  get(id: ApplicationId): Promise<Application> { return this.db.onPlatform('get an application', (tx) => find(tx, id)); }

  /** @param named an id, or the name of the only application that has it @throws AppError `application.not_found` */
  async idOf(named: string): Promise<ApplicationId> {
    const found = await this.db.onPlatform('find an application', (tx) => tx.sql<{ id: ApplicationId }>`select id from application where id::text = ${named.toLowerCase()} or name = ${named} order by id::text = ${named.toLowerCase()} desc limit 2`);
    const [first, second] = found;
    if (first && (!second || first.id === named.toLowerCase())) return first.id;
    throw new AppError('application.not_found', { detail: first ? `Several applications are named "${named}": give the id of the one that is meant` : `There is no application "${named}": give the name or the id of one that GET /v1/applications lists` });
  }

  /** Sets or replaces the ClientToken of one environment. */
  async setClientToken(me: Actor, id: ApplicationId, environment: EnvironmentId, { clientToken }: ClientTokenChange): Promise<Application> {
    return this.db.onPlatform('set a client token', async (tx) => {
      const [application] = await tx.sql`select 1 from application where id = ${id} for update`;
      if (!application) throw new AppError('application.not_found');
      const replaced = await this.#writeToken(tx, id, environment, clientToken, 'environment');
      await this.audit.record(tx, me, { action: 'application.client_token_set', applicationId: id, environment, hint: hintOf(clientToken), replaced });
      return find(tx, id);
    });
  }

  /**
   * What a call to Mews needs. Takes a connection of its own: call it outside of transactions.
   * @throws AppError `application.not_found`, `environment.not_found`, `environment.altered`, `application.no_client_token`.
   */
  async credentials(applicationId: ApplicationId, environmentId: EnvironmentId): Promise<ClientCredentials> {
    const [row] = await this.db.atOnce<CredentialsRow>('read what a call to Mews needs', sql`
      select a.name, a.version, e.platform_address as "platformAddress", e.web_socket_address as "webSocketAddress", e.address_mac as "addressMac", e.limit_requests as requests, e.limit_seconds as seconds, t.ciphertext
        from (select ${applicationId}::uuid as id, ${environmentId}::text as environment) wanted
        left join application a on a.id = wanted.id
        left join environment e on e.id = wanted.environment
        left join application_client_token t on t.application_id = a.id and t.environment_id = e.id`);
    if (!row || row.name === null || row.version === null) throw new AppError('application.not_found');
    if (row.platformAddress === null) throw new AppError('environment.not_found', { detail: `There is no environment "${environmentId}"` });
    refuseAltered(this.vault, { id: environmentId, platformAddress: row.platformAddress, webSocketAddress: row.webSocketAddress }, row.addressMac);
    const { ciphertext } = row, shown = client(row.name, row.version);
    if (ciphertext === null) throw new AppError('application.no_client_token', { detail: `"${shown}" has no ClientToken for the environment "${environmentId}": set it first` });
    const atHand = this.vault.platformAtHand();
    const sealer = atHand?.knows([ciphertext]) ? atHand : await this.db.onPlatform('read client credentials', (tx) => this.vault.platform(tx, [ciphertext]));
    const clientToken = new Secret(sealer.open(place(applicationId, environmentId), ciphertext));
    return { environmentId, platformAddress: row.platformAddress, requestLimit: { requests: row.requests, seconds: row.seconds }, client: shown, clientToken };
  }

  /** @returns whether there was one before. */
  async #writeToken(tx: PlatformTx, id: ApplicationId, environment: EnvironmentId, clientToken: Secret, pointer: string): Promise<boolean> {
    const [known] = await tx.sql`select 1 from environment where id = ${environment}`;
    if (!known) {
      const detail = `There is no environment "${environment}"; GET /v1/environments lists them`;
      throw new AppError('environment.not_found', { detail, errors: [{ pointer, detail: 'is not an environment' }] });
    }
    const sealed = (await this.vault.platform(tx)).seal(place(id, environment), Buffer.from(clientToken.reveal()));
    const [row] = await tx.sql<{ replaced: boolean }>`
      insert into application_client_token (application_id, environment_id, ciphertext, hint) values (${id}, ${environment}, ${sealed}, ${hintOf(clientToken)})
      on conflict (application_id, environment_id) do update set ciphertext = excluded.ciphertext, hint = excluded.hint, updated_at = now()
      returning xmax <> 0 as replaced`;
    return row?.replaced === true;
  }
}

const place = (id: ApplicationId, environment: EnvironmentId): Binding => ({ environment, table: 'application_client_token', column: 'ciphertext', row: id });

const client = (name: string, version: string): string => `${name} ${version}`;

const selectApplications = sql`
  select a.id, a.name, a.version, a.created_at as "createdAt",
         coalesce((select json_agg(json_build_object('environment', t.environment_id, 'hint', t.hint, 'updatedAt', t.updated_at) order by t.environment_id)
            from application_client_token t where t.application_id = a.id), '[]') as tokens
    from application a`;

async function find(tx: PlatformTx, id: ApplicationId): Promise<Application> {
  const [row] = await tx.run<ApplicationRow>(sql`${selectApplications} where a.id = ${id}`);
  if (!row) throw new AppError('application.not_found');
  return toApplication(row);
}

const toApplication = ({ id, name, version, tokens, createdAt }: ApplicationRow): Application => ({
  id, name, version, client: client(name, version), environments: tokens.map(({ environment }) => environment),
  clientTokens: tokens.map((token) => ({ ...token, updatedAt: new Date(token.updatedAt).toISOString() })), createdAt: createdAt.toISOString(),
});
