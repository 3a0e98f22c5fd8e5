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

test('compose leaves no secret to a default', () => {
  const secrets = [...read('docker-compose.yml').matchAll(/\$\{([A-Z_]*(?:PASSWORD|KEYS)[A-Z_]*)(.*?)\}/g)];
  expect(secrets.length).toBeGreaterThan(1);
  for (const [, name, rest = ''] of secrets) expect({ name, required: rest.startsWith(':?') }).toEqual({ name, required: true });
});

test('compose hands the password of the database\'s owner to migrate alone', () => {
  const compose = read('docker-compose.yml');
  const [, runtime = ''] = /^x-program-environment: &program-environment\n((?: {2}.*\n)+)/m.exec(compose) ?? [];
  expect(runtime).toMatch(/DATABASE_URL: postgres:\/\/[^@\n]*$/m);
  expect(runtime).toContain('POSTGRES_PASSWORD: ""');
  for (const service of ['api', 'worker']) expect(compose).toMatch(new RegExp(`^  ${service}:\n    <<: \\*keyrack\n    environment: \\*program-environment$`, 'm'));
});
