// The door to Postgres. A transaction belongs to one tenant (row-level security binds it) or to the platform (a second
// role, and a reason). Nothing else may hold a DataSource. Two open connections of their own: libs/queue, whose library has a pool as the
// platform role, and the command, as the owner.
import pg from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { ConfigError } from './config-error.js';
import type { TenantId } from './ids.js';
import { refuseWithoutIsolation } from './isolation-check.js';
import { derivePassword, parseKeyRing } from './key-ring.js';
import { Secret } from './secret.js';
import { Sql, sql } from './sql.js';

// Counts and sequence numbers stay far below 2^53; as numbers they compare and add as expected.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** What both kinds of transaction can do. */
export class Tx {
  #connection: pg.PoolClient | undefined;
  #streams = 0;

  /** @param connection the transaction's: what is asked goes out at once, behind what was asked before, and does not wait for its answer */
  constructor(connection: pg.PoolClient) { this.#connection = connection; }

  /** Lets go of the connection: whatever asks on, forgotten or in a branch beside the one that failed, would do so in the next one's transaction. */
  end(): void { this.#connection = undefined; }

  get #open(): pg.PoolClient {
    if (!this.#connection) throw new Error('the transaction has ended');
    return this.#connection;
  }

  /** Runs a tagged template and returns its rows: tx.sql<Row>`select ... where id = ${id}`. */
  async sql<Row extends object = Record<string, unknown>>(strings: TemplateStringsArray, ...values: unknown[]): Promise<Row[]> {
    return this.run<Row>(new Sql(strings, values));
  }

  /** Runs a composed query and returns its rows. */
  async run<Row extends object = Record<string, unknown>>(query: Sql): Promise<Row[]> {
    const { text, values } = query.toQuery();
    return (await this.#open.query<Row>(text, values)).rows;
  }

  /** Like `run`, prepared under the name once per connection: for what runs often. */
  async prepared<Row extends object = Record<string, unknown>>(name: string, query: Sql): Promise<Row[]> {
    return (await this.#open.query<Row>({ name, ...query.toQuery() })).rows;
  }

  /** Reads a long result `rows` at a time; in between the transaction may do other things. What they change is not seen. */
  async *stream<Row extends object>(query: Sql, rows: number): AsyncGenerator<Row[]> {
    const cursor = `stream_${this.#streams += 1}`;   // open until it is read, or the transaction ends
    await this.run(new Sql([`declare ${cursor} no scroll cursor for `, ''], [query]));
    for (;;) {
      const batch = await this.run<Row>(new Sql([`fetch ${rows} from ${cursor}`], []));
      if (batch.length > 0) yield batch;
      if (batch.length < rows) break;
    }
    await this.run(new Sql([`close ${cursor}`], []));
  }
}

/** A transaction that sees one tenant's rows and no others. */
export class TenantTx extends Tx {
  constructor(connection: pg.PoolClient, readonly tenantId: TenantId) { super(connection); }
}

/** A transaction across tenants, limited by the platform role's grants. It cannot read records, or tenants' ciphertexts and data keys; the vendor's it can. */
export class PlatformTx extends Tx {
  constructor(connection: pg.PoolClient, readonly reason: string) { super(connection); }
}

interface DatabaseOptions { app: DataSource; platform: DataSource }

export class Database {
  readonly #app: DataSource;
  readonly #platform: DataSource;

  constructor({ app, platform }: DatabaseOptions) {
    this.#app = app;
    this.#platform = platform;
  }

  /**
   * Runs `work` in one transaction bound to the tenant; commits when it resolves, rolls back when it throws.
   * @param settings Postgres' own, for this transaction alone
   */
  async inTenant<T>(tenantId: TenantId, work: (tx: TenantTx) => Promise<T>, settings: Readonly<Record<string, string>> = {}): Promise<T> {
    // Transaction-local: a session-wide setting would outlive the transaction in the pool and show another tenant's rows.
    const local = Object.entries({ ...settings, 'app.tenant_id': tenantId }).map(([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`);
    return transact(this.#app, `begin; select ${local.join(', ')}`, (connection) => new TenantTx(connection, tenantId), work);
  }

  /** Runs `work` across tenants under the platform role. `reason` is shown in pg_stat_activity as long as it runs, behind the program's name. */
  async onPlatform<T>(reason: string, work: (tx: PlatformTx) => Promise<T>): Promise<T> {
    const { options } = this.#platform, program = 'applicationName' in options ? options.applicationName : undefined;
    // No select: `work` may still choose its isolation, which Postgres takes before the first query only.
    return transact(this.#platform, `begin; set local application_name = ${pg.escapeLiteral(`${program ?? 'keyrack'}: ${reason}`)}`, (connection) => new PlatformTx(connection, reason), work);
  }

  /**
   * One statement across tenants under the platform role, in a transaction of its own: one round trip instead of three.
   * @param reason a constant without a value in it: the statement is prepared under it, and shows it in pg_stat_activity in a comment in front
   */
  async atOnce<Row extends object>(reason: string, query: Sql): Promise<Row[]> {
    const runner = this.#platform.createQueryRunner();
    try {
      return await new Tx((await runner.connect()) as pg.PoolClient).prepared<Row>(reason, sql`${new Sql([`/* ${reason} */ `], [])}${query}`);
    } finally {
      await runner.release();
    }
  }

  async ping(): Promise<void> {
    await this.onPlatform('readiness', (tx) => tx.sql`select 1`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#app, this.#platform].filter((source) => source.isInitialized).map((source) => source.destroy()));
  }
}

/** `ask` for each item, one after another: a connection takes one statement at a time. */
export async function inTurn<Item, Answer>(items: readonly Item[], ask: (item: Item) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const item of items) answers.push(await ask(item));
  return answers;
}

const DEADLOCK = '40P01', DEADLOCKS_MAX = 3;

/** For a transaction that locks many rows which others lock in another order: Postgres undoes one of the two, which is made again. */
export async function againAfterDeadlock<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === DEADLOCKS_MAX || !(error instanceof Error) || !('code' in error) || error.code !== DEADLOCK) throw error;
    }
  }
}

/** An answer that is awaited later: until then its failure is nobody's. */
export function later<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}

/** `begin` opens the transaction and is one round trip, whatever it sets; what `work` asks goes out behind it. Should it fail, no row is to be seen. */
async function transact<T, Of extends Tx>(source: DataSource, begin: string, open: (connection: pg.PoolClient) => Of, work: (tx: Of) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  try {
    const connection = (await runner.connect()) as pg.PoolClient;
    const opened = later(connection.query(begin)), tx = open(connection);
    try {
      const result = await work(tx).finally(() => { tx.end(); });
      await opened;
      // Postgres rolls back where a statement had failed, and calls that no error: `work` may have caught it, or not waited for it.
      if ((await connection.query('commit')).command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed');
      return result;
    } catch (error) {
      // The first error is the one to tell; a rollback that fails too means that the connection is gone, and with it the transaction.
      await connection.query('rollback').catch(() => undefined);
      throw error;
    }
  } finally {
    await runner.release();
  }
}

export type DatabaseRole = 'app' | 'platform';

/** The runtime role of one database: `<database>_app` or `<database>_platform`, so that databases of one server do not share roles. */
export const roleName = (databaseUrl: Secret, role: DatabaseRole): string => `${databaseName(databaseUrl)}_${role}`;

/** Its password, derived from the ring's index key: the owner's DSN and the ring are all that a process must be given. */
export const rolePassword = (keys: Secret, role: DatabaseRole): Secret =>
  new Secret(derivePassword(parseKeyRing(keys), `database role ${role}`));

/** The owner's DSN with the runtime role's name and password in place of the owner's. */
export function roleUrl(databaseUrl: Secret, keys: Secret, role: DatabaseRole): Secret {
  const url = new URL(databaseUrl.reveal());
  url.username = roleName(databaseUrl, role);
  url.password = rolePassword(keys, role).reveal();
  return new Secret(url.toString());
}

const databaseName = (databaseUrl: Secret): string => decodeURIComponent(new URL(databaseUrl.reveal()).pathname.slice(1));

/**
 * A connection whose loss ends nothing but itself. Between a pool and its borrower a client has no listener for errors for a
 * moment, or with some borrowers for good; one that Postgres cuts just then would end the process. Its next statement fails and tells.
 */
export class PooledClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** Options of a runtime DataSource; `poolSize` connections at the most. */
export const dataSourceOptions = (url: Secret, applicationName: string, poolSize: number) => ({
  type: 'postgres' as const,
  url: url.reveal(),
  applicationName,
  poolSize,
  connectTimeoutMS: 10_000,
  extra: {
    Client: PooledClient,
    // A statement goes out without waiting for the answers to those before it.
    pipeline: true,
    // Our statements read few rows, and take less time than compiling them would.
    options: '-c jit=off',
    // A frozen process must not hold its row locks against its successor for longer than this.
    idle_in_transaction_session_timeout: 12_000,
    statement_timeout: 60_000,
    lock_timeout: 20_000,
    // The limits above are Postgres' own: one that is gone without a word keeps none, and the kernel would wait for a quarter of an hour.
    query_timeout: 75_000,
    keepAlive: true,
  },
});

const REFUSED_SIGN_IN = new Set(['28000', '28P01']);

/** @throws ConfigError when the runtime role is not there, has another password, or is not held by row-level security; trying again would not help */
export async function openDataSource(options: DataSourceOptions): Promise<DataSource> {
  const source = await signedIn(options);
  try {
    await refuseWithoutIsolation(source);
  } catch (error) {
    await source.destroy();
    throw error;
  }
  return source;
}

async function signedIn(options: DataSourceOptions): Promise<DataSource> {
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || !REFUSED_SIGN_IN.has(String(error.code))) throw error;
    throw new ConfigError('The database does not let the runtime role in: run keyrack migrate with the same DATABASE_URL and KEYRACK_KEYS. ' +
      'If it was run, the key "index" in KEYRACK_KEYS is another one than it had then: put that one back', { cause: error });
  }
}

/** Opens both roles' pools, for programs that do not run inside Nest. Close it when done. */
export async function openDatabase(databaseUrl: Secret, keys: Secret, applicationName: string, poolSize = 10): Promise<Database> {
  const [app, platform] = await Promise.all((['app', 'platform'] as const).map((role) =>
    openDataSource(dataSourceOptions(roleUrl(databaseUrl, keys, role), `${applicationName} ${role}`, poolSize))));
  if (!app || !platform) throw new Error('a pool did not open');
  return new Database({ app, platform });
}
