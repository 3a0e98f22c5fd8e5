// The Dockerfile, the compose file and .env.example hold together; there may be no Docker engine where the tests run.
import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import linter from 'dockerfile-utils';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(root + name, 'utf8');

test('the Dockerfile passes the linter, and the linter looks', () => {
  expect(linter.validate(read('Dockerfile'))).toEqual([]);
  expect(linter.validate(read('Dockerfile').replace('WORKDIR /app', 'WORKDIRR /app')).length).toBeGreaterThan(0);
});

test('the image runs as an ordinary user, tells its health, and starts programs that exist', () => {
  const dockerfile = read('Dockerfile');
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  expect(last).toMatch(/^USER node$/m);
  expect(last).toContain('HEALTHCHECK');
  const programs = [...(last + read('docker-compose.yml')).matchAll(/"node", "((?:dist\/)?apps\/[^"]+\.m?js)"/g)].map(([, path = '']) => path);
  expect(programs.length).toBeGreaterThan(3);
  for (const path of programs) expect({ path, exists: existsSync(root + path.replace(/^dist\//, '').replace(/(?<!m)\.js$/, '.ts')) }).toEqual({ path, exists: true });
  for (const [, copied = ''] of dockerfile.matchAll(/^COPY ([^-].*) \S+$/gm)) for (const path of copied.split(' ')) expect(existsSync(root + path)).toBe(true);
});

test('every variable that the programs read or compose needs is explained in .env.example', () => {
  const explained = new Set([...read('.env.example').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name));
  const configured = [...read('libs/core/src/config.ts').matchAll(/^ {2}((?:KEYRACK|DATABASE|REDIS)_[A-Z_]+):/gm)].map(([, name = '']) => name);
  const supervisor = [...read('apps/cli/src/start/settings.ts').matchAll(/'(KEYRACK_[A-Z_]+)'/g)].map(([, name = '']) => name);
  const compose = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
  expect(configured.length).toBeGreaterThan(10);
  for (const name of [...configured, ...supervisor, ...compose]) expect({ name, explained: explained.has(name) }).toEqual({ name, explained: true });
});

test('compose leaves no secret to a default: those that must be there are required, the others are left out', () => {
  const secrets = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]*(?:PASSWORD|SECRET|_KEY|_KEYS|_KEYS_FILE))(:.*?)\}/g)];
  expect(secrets.length).toBeGreaterThan(4);
  for (const [, name = '', rest = ''] of secrets) {
    const required = ['POSTGRES_PASSWORD', 'KEYRACK_KEYS_FILE'].includes(name);
    expect({ name, rest }).toEqual({ name, rest: required ? expect.stringMatching(/^:\?/) : ':-' });
  }
});

/** What stands under a top-level key, or under a service. */
function part(name: string): string {
  const indent = name.startsWith('x-') ? '' : '  ';
  const [, text = ''] = new RegExp(`^${indent}${name}:.*\n((?:${indent}  .*\n|\n)+)`, 'm').exec(read('docker-compose.yml')) ?? [];
  expect(text).not.toBe('');
  return text;
}

test('compose hands each container what it needs: the owner\'s password to migrate, what lets people in to the api, the ring as a file to all', () => {
  expect(read('docker-compose.yml')).not.toContain('env_file');
  expect(part('x-keyrack')).toContain('secrets: [keys]');
  expect(part('x-environment')).toMatch(/KEYRACK_KEYS_FILE: \/run\/secrets\/keys$/m);
  expect(part('x-program-environment')).toMatch(/DATABASE_URL: postgres:\/\/[^@\n]*$/m);
  for (const service of ['api', 'worker']) expect(part(service)).toMatch(/^ {4}<<: \*keyrack\n {4}environment:\n {6}<<: \*program-environment$/m);
  expect(part('migrate')).toMatch(/^ {4}environment: \*environment$/m);
  const comesIn = /^ +KEYRACK_(?:BOOTSTRAP_KEY|ADMIN_PASSWORD|OIDC_CLIENT_SECRET): /gm;
  expect(part('api').match(comesIn)).toHaveLength(3);
  for (const name of ['x-environment', 'x-program-environment', 'migrate', 'worker', 'postgres', 'redis']) expect({ name, found: part(name).match(comesIn) }).toEqual({ name, found: null });
  const everywhere = read('docker-compose.yml').match(/\$\{POSTGRES_PASSWORD/g);
  expect(everywhere).toHaveLength((part('x-environment') + part('postgres')).match(/\$\{POSTGRES_PASSWORD/g)?.length ?? 0);
});

test('every variable that the programs read can be set through compose, but for those of npm start', () => {
  const compose = read('docker-compose.yml');
  const configured = [...read('libs/core/src/config.ts').matchAll(/^ {2}((?:KEYRACK|DATABASE|REDIS)_[A-Z_]+):/gm)].map(([, name = '']) => name);
  const left = configured.filter((name) => !new RegExp(`^ +${name}(_FILE)?: `, 'm').test(compose));
  expect(left).toEqual(['KEYRACK_DATA_DIR', 'KEYRACK_WORKERS']);
});
