// The environment, read once and validated. Every secret `X` may also come from the file named by `X_FILE`; the key ring, from a command too.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { parseKeyRing, type KeyRing } from './key-ring.js';
import { Secret } from './secret.js';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const secret = z.string().min(1).transform((text) => new Secret(text));
// Whoever parsed it later would fail with an error that holds the whole of it, the password too.
const isUrl = (text: string): boolean => URL.canParse(text);
const percentEncoded = 'is no URL: a user name or password with characters such as / : @ # is written percent-encoded';
const postgresUrl = z.string('is missing: it says where Postgres is, as postgres://user:password@host:5432/database').regex(/^postgres(ql)?:\/\//, 'must look like postgres://user:password@host:5432/database').refine(isUrl, percentEncoded).transform((text) => new Secret(text));
const redisUrl = z.string().regex(/^rediss?:\/\//, 'must look like redis://host:6379').refine(isUrl, percentEncoded).transform((text) => new Secret(text));
/** A key management service may be slow to answer, and must not keep a process from telling that it cannot start. */
const COMMAND_MS = 30_000;
const perMinute = (fallback: number) => z.coerce.number().int().min(1).max(1_000_000_000).default(fallback);

// Whoever may name the client's address can be anybody: a proxy is trusted by its place or its address, never as such.
const trustProxy = z.string().default('none').transform((text, context): false | number | string[] => {
  if (text === 'none') return false;
  if (/^[1-9]$/.test(text)) return Number(text);
  const ranges = text.split(',').map((part) => part.trim());
  if (ranges.every(isRange)) return ranges;
  context.addIssue('must be none, the number of proxies before the api (1 to 9), or their addresses such as 10.0.0.0/8, 192.0.2.4. Trusting all would let every client choose its own address');
  return z.NEVER;
});

/** An address or CIDR range that does not hold everything. */
function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** An origin; the api serves no other path. */
const publicUrl = z.url({ protocol: /^https?$/, error: 'must look like https://keyrack.example.com' })
  .refine((text) => ['', '/'].includes(new URL(text).pathname), 'must have no path').transform((text) => new URL(text).origin);

const issuerUrl = z.url({ protocol: /^https?$/, error: 'must look like https://login.example.com' })
  .refine((text) => /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/]|http:\/\/(localhost|127\.0\.0\.1|\[::1\])$)/.test(text), 'must be an https address');

const schema = z.object({
  DATABASE_URL: postgresUrl,
  REDIS_URL: redisUrl.optional(),
  KEYRACK_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  KEYRACK_HOST: z.string().default('127.0.0.1'),
  KEYRACK_PUBLIC_URL: publicUrl.optional(),
  KEYRACK_DATA_DIR: z.string().default('.keyrack'),
  KEYRACK_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  KEYRACK_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(8),
  KEYRACK_LEASE_SECONDS: z.coerce.number().int().min(2).max(600).default(15),
  KEYRACK_MEWS_TIMEOUT_SECONDS: z.coerce.number().int().min(1).max(600).default(90),
  KEYRACK_BOOTSTRAP_KEY: secret.optional(),
  KEYRACK_ADMIN_EMAIL: z.email().optional(),
  KEYRACK_ADMIN_PASSWORD: secret.optional(),
  KEYRACK_OIDC_ISSUER: issuerUrl.optional(),
  KEYRACK_OIDC_CLIENT_ID: z.string().optional(),
  KEYRACK_OIDC_CLIENT_SECRET: secret.optional(),
  KEYRACK_OIDC_LABEL: z.string().max(60).default('single sign-on'),
  KEYRACK_KEYS: z.string('is missing, and nothing is stored without a key ring: make one with npx keyrack keys generate, and keep a copy').transform((text) => new Secret(text)),
  KEYRACK_AUDIT_CHECKPOINTS: z.string().optional(),
  KEYRACK_ALLOW_HTTP_PLATFORM: flag.default(false),
  KEYRACK_TRUST_PROXY: trustProxy,
  KEYRACK_RATE_LIMIT_ADDRESS: perMinute(60_000),
  KEYRACK_RATE_LIMIT_CALLER: perMinute(30_000),
  KEYRACK_RATE_LIMIT_TENANT: perMinute(60_000),
  KEYRACK_RATE_LIMIT_DENIAL: perMinute(1_000),
  KEYRACK_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug']).default('info'),
});

export const secretNames = ['DATABASE_URL', 'REDIS_URL', 'KEYRACK_BOOTSTRAP_KEY', 'KEYRACK_ADMIN_PASSWORD', 'KEYRACK_OIDC_CLIENT_SECRET', 'KEYRACK_KEYS'] as const;

/** The identity provider at which people may sign in. */
export interface OidcConfig { issuer: string; clientId: string; clientSecret: Secret | undefined; label: string; /** Where it sends them back to. */ redirectUri: string }

/** Injection token and shape of the configuration. */
export abstract class Config {
  abstract readonly databaseUrl: Secret;
  abstract readonly redisUrl: Secret | undefined;
  abstract readonly port: number;
  abstract readonly host: string;
  /** Where people's browsers find Keyrack, as an origin, when it was told. */
  abstract readonly publicUrl: string | undefined;
  abstract readonly dataDir: string;
  abstract readonly workers: number;
  /** Runs that one worker process works on at a time. */
  abstract readonly workerConcurrency: number;
  /** How long a claimed run is left alone after its worker was last heard of. */
  abstract readonly leaseMs: number;
  /** From a request to Mews to the first byte of its answer; a whole answer may take twice as long. */
  abstract readonly mewsTimeoutMs: number;
  abstract readonly bootstrapKey: Secret | undefined;
  abstract readonly adminEmail: string | undefined;
  abstract readonly adminPassword: Secret | undefined;
  abstract readonly oidc: OidcConfig | undefined;
  abstract readonly keys: Secret;
  /** Where the key ring came from, when that was a file. */
  abstract readonly keysFile: string | undefined;
  /** A folder, or `stdout`: where signed checkpoints of the audit chains go. */
  abstract readonly auditCheckpoints: string | undefined;
  abstract readonly allowHttpPlatform: boolean;
  /** Which proxies are believed when they tell the client's address: none, so many, or these. */
  abstract readonly trustProxy: false | number | string[];
  /** Requests a minute; `denial` counts those that are refused, of a caller and of an address. */
  abstract readonly rateLimits: Readonly<Record<'address' | 'caller' | 'tenant' | 'denial', number>>;
  abstract readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug';
}

/** @throws ConfigError naming every variable that is wrong; values are never repeated. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const values = withSecretFiles(env);
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(values).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const v = parsed.data;
  parseKeyRing(v.KEYRACK_KEYS);
  return {
    databaseUrl: v.DATABASE_URL, redisUrl: v.REDIS_URL, port: v.KEYRACK_PORT, host: v.KEYRACK_HOST, publicUrl: v.KEYRACK_PUBLIC_URL, dataDir: resolve(v.KEYRACK_DATA_DIR),
    workers: v.KEYRACK_WORKERS, workerConcurrency: v.KEYRACK_WORKER_CONCURRENCY, leaseMs: v.KEYRACK_LEASE_SECONDS * 1_000, mewsTimeoutMs: v.KEYRACK_MEWS_TIMEOUT_SECONDS * 1_000,
    bootstrapKey: v.KEYRACK_BOOTSTRAP_KEY, adminEmail: v.KEYRACK_ADMIN_EMAIL, adminPassword: v.KEYRACK_ADMIN_PASSWORD,
    oidc: oidcOf(v), keys: v.KEYRACK_KEYS, keysFile: env['KEYRACK_KEYS_FILE'] || undefined, auditCheckpoints: v.KEYRACK_AUDIT_CHECKPOINTS, allowHttpPlatform: v.KEYRACK_ALLOW_HTTP_PLATFORM, logLevel: v.KEYRACK_LOG_LEVEL,
    trustProxy: v.KEYRACK_TRUST_PROXY, rateLimits: { address: v.KEYRACK_RATE_LIMIT_ADDRESS, caller: v.KEYRACK_RATE_LIMIT_CALLER, tenant: v.KEYRACK_RATE_LIMIT_TENANT, denial: v.KEYRACK_RATE_LIMIT_DENIAL },
  };
}

/** @throws ConfigError when a part of it is missing */
function oidcOf(v: z.infer<typeof schema>): OidcConfig | undefined {
  const { KEYRACK_OIDC_ISSUER: issuer, KEYRACK_OIDC_CLIENT_ID: clientId, KEYRACK_OIDC_CLIENT_SECRET: clientSecret, KEYRACK_PUBLIC_URL: publicAddress } = v;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined) throw new ConfigError('KEYRACK_OIDC_ISSUER and KEYRACK_OIDC_CLIENT_ID go together: set both, or neither');
  if (publicAddress === undefined) throw new ConfigError('KEYRACK_PUBLIC_URL: is needed with KEYRACK_OIDC_ISSUER, which sends people back to it');
  return { issuer, clientId, clientSecret, label: v.KEYRACK_OIDC_LABEL, redirectUri: `${publicAddress}/v1/session/oidc/callback` };
}

function withSecretFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const values = { ...env };
  for (const name of secretNames) {
    const file = env[`${name}_FILE`];
    if (!file) continue;
    if (env[name]) throw new ConfigError(`${name} and ${name}_FILE are both set: keep one`);
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw new ConfigError(`${name}_FILE: ${file} cannot be read`, { cause });
    }
    if (name === 'KEYRACK_KEYS') refuseOpenFile(file);
  }
  const command = env['KEYRACK_KEYS_COMMAND'];
  if (command) {
    if (values['KEYRACK_KEYS']) throw new ConfigError(`KEYRACK_KEYS_COMMAND and ${env['KEYRACK_KEYS'] ? 'KEYRACK_KEYS' : 'KEYRACK_KEYS_FILE'} are both set: keep one`);
    values['KEYRACK_KEYS'] = printedBy(command);
  }
  return values;
}

/** What the command prints. What it complains of goes where our own complaints go. @throws ConfigError when it fails */
function printedBy(command: string): string {
  const names: readonly string[] = secretNames, env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.includes(name)));   // it has its own to ask for
  const { status, signal, error, stdout } = spawnSync(command, { shell: true, env, stdio: ['ignore', 'pipe', 'inherit'], timeout: COMMAND_MS, killSignal: 'SIGKILL' });
  // There is none where it could not be started, for lack of a shell for example.
  const output: Buffer | null = stdout, text = output?.toString().trim();
  output?.fill(0);
  if (error) throw new ConfigError(`KEYRACK_KEYS_COMMAND: ${'code' in error && error.code === 'ETIMEDOUT' ? `has not ended after ${COMMAND_MS / 1_000} s` : error.message}`);
  if (status !== 0) throw new ConfigError(`KEYRACK_KEYS_COMMAND: ended with ${status ?? signal}; what it says of it stands above`);
  if (!text) throw new ConfigError('KEYRACK_KEYS_COMMAND: has printed nothing');
  return text;
}

/** The ring as its file has it now. @throws ConfigError when it cannot be read, lies open, or cannot be used */
export function readKeyRing(file: string): KeyRing {
  const values = withSecretFiles({ KEYRACK_KEYS_FILE: file });
  return parseKeyRing(new Secret(values['KEYRACK_KEYS'] ?? ''));
}

/** A file of our own is for its owner alone. One of another owner was put there for us, and its group may be how we read it. */
function refuseOpenFile(file: string): void {
  if (process.getuid === undefined) return;   // where there are no such modes
  const { mode, uid } = statSync(file);
  const allowed = uid === process.getuid() ? 0o600 : 0o640;
  if ((mode & 0o777 & ~allowed) !== 0) {
    throw new ConfigError(`KEYRACK_KEYS_FILE: ${file} is open to others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}): chmod 600 ${file}, and consider its keys leaked if others can sign in here`);
  }
}
