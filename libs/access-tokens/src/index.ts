// A tenant's AccessTokens: onboarding, status, rotation, and the reading of what they open.
export * from './access-tokens.module.js';
export * from './access-tokens.schemas.js';
export { AccessTokens, type Refusal } from './access-tokens.service.js';
export { IMPORT, Imports, importTokens, type Added } from './imports.js';
export { Onboarding } from './onboarding.js';
export { expandReach, ReachExpansion } from './reach.jobs.js';
export { Verifier } from './verifier.js';
export { sealedTokens } from './sealed.js';
