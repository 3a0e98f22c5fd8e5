// Which room may use which: the list of the architecture, checked by `npm run deps`.
const rooms = {
  core: [],
  queue: ['core'],
  audit: ['core'],
  credentials: ['core', 'audit'],
  mews: ['core'],
  limits: ['core'],
  tenants: ['core', 'audit', 'queue', 'credentials'],
  applications: ['core', 'audit', 'credentials'],
  auth: ['core', 'audit', 'credentials'],
  reach: ['core', 'audit', 'mews'],
  'access-tokens': ['core', 'audit', 'queue', 'credentials', 'mews', 'applications', 'reach'],
  sync: ['core', 'audit', 'queue', 'credentials', 'mews', 'access-tokens', 'reach'],
};

const only = (name, comment, module, users) => ({
  name, comment, severity: 'error',
  from: { path: '^(apps|libs|migrations)/', pathNot: [...users, '\\.spec\\.ts$'] },
  to: { path: `(^|/)node_modules/${module}(/|$)` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', comment: 'types may know each other, code may not', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'not-resolved', comment: 'an import that nothing answers to', severity: 'error', from: { pathNot: '^apps/admin/' }, to: { couldNotResolve: true } },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `libs-${room}`, comment: allowed.length > 0 ? `${room} may use ${allowed.join(', ')} only` : `${room} uses no other room`, severity: 'error',
      from: { path: `^libs/${room}/` }, to: { path: '^libs/', pathNot: `^libs/(${[room, ...allowed].join('|')})/` },
    })),
    { name: 'libs-unlisted', comment: 'a new room is added to the list in this file first', severity: 'error', from: { path: `^libs/(?!(${Object.keys(rooms).join('|')})/)` }, to: { path: '^libs/' } },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^(apps|migrations|test)/' } },
    {
      name: 'by-the-front-door', comment: 'other rooms and the apps use libs/<room>/src/index.ts only', severity: 'error',
      from: { path: '^(?:libs/([^/]+)|apps|migrations)/' }, to: { path: '^libs/[^/]+/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$1/'] },
    },
    { name: 'apps-stand-alone', severity: 'error', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
    { name: 'sandbox-is-foreign', comment: 'it stands in for Mews: of ours it knows the catalogue only', severity: 'error', from: { path: '^apps/sandbox/' }, to: { path: '^libs/', pathNot: '^libs/mews/' } },
    { name: 'admin-uses-http', severity: 'error', from: { path: '^apps/admin/' }, to: { path: '^(libs|migrations)/' } },
    { name: 'migrations-know-no-room', severity: 'error', from: { path: '^migrations/' }, to: { path: '^(libs|apps)/' } },
    {
      name: 'migrations-by-the-cli', comment: 'readiness compares their names, nothing else needs them', severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^apps/(cli/|api/src/health\\.controller\\.ts$)' }, to: { path: '^migrations/' },
    },
    only('bullmq', 'the queue is chosen in one place', 'bullmq', ['^libs/queue/']),
    only('ioredis', 'Redis serves the queue, the request budget and the request limits', 'ioredis', ['^libs/queue/', '^libs/mews/', '^libs/limits/']),
    only('typeorm', 'db.inTenant and db.onPlatform are the only doors to the database', '(typeorm|@nestjs/typeorm)', ['^libs/core/', '^migrations/', '^apps/cli/src/migrate\\.ts$']),
    only('pg', 'connections are opened by the database, by the queue (its library takes a pool) and by the command (as the owner)', '(@types/)?pg', ['^libs/core/', '^libs/queue/', '^apps/cli/']),
    only('undici', 'only the Mews client talks to Mews', 'undici', ['^libs/mews/']),
    only('openid-client', 'the identity provider is asked in one place', 'openid-client', ['^libs/auth/']),
    only('argon2', 'passwords belong to one room', '@node-rs/argon2', ['^libs/auth/']),
    {
      name: 'libs-know-no-transport', severity: 'error', from: { path: '^libs/' },
      to: { path: '(^|/)node_modules/(fastify|@nestjs/(platform-fastify|swagger|serve-static))(/|$)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
