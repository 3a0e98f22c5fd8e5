// Who may do what: callers, sessions, API keys, the table of roles.
export * from './access-link.js';
export * from './access-links.js';
export * from './api-keys.js';
export * from './auth.js';
export * from './auth.module.js';
export type { Caller } from './caller.js';
export * from './denials.js';
export * from './first-access.js';
export * from './hasher.js';
export * from './members.js';
export * from './oidc.js';
export * from './oidc-sign-in.js';
export * from './people.js';
export * from './platform-api-keys.js';
export * from './redemption.js';
export * from './roles.js';
export * from './sessions.js';
export * from './token-users.js';
