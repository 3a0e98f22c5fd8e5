// `npm run openapi`: writes docs/openapi.json, the admin UI's typed client and docs/roles.md from the routes. Run it after a route changed.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = spawnSync(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build', 'api'], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

const { preview } = await import('../../dist/apps/api/src/preview.js');
const { openApi: document, roles } = await preview();
const types = astToString(await openapiTS(JSON.parse(document)));

for (const [path, text] of [
  ['docs/openapi.json', document],
  ['docs/roles.md', roles],
  ['apps/admin/src/api/schema.d.ts', `// Written by \`npm run openapi\` from the routes of the api. Do not edit.\n${types}`],
]) {
  await mkdir(dirname(root + path), { recursive: true });
  await writeFile(root + path, text);
  console.log(`wrote ${path}`);
}
