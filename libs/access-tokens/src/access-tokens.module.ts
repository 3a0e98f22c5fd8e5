// Provides AccessTokens and what is done with them. Needs the modules of audit, credentials, mews, applications, queue and reach.
import { Global, Module } from '@nestjs/common';
import { AccessTokensRepository } from './access-tokens.repository.js';
import { AccessTokens } from './access-tokens.service.js';
import { Duplicates } from './duplicates.js';
import { Imports } from './imports.js';
import { ImportsRepository } from './imports.repository.js';
import { Onboarding } from './onboarding.js';
import { ReachExpansion } from './reach.jobs.js';
import { Surveyor } from './survey.js';
import { Verifier } from './verifier.js';

@Global()
@Module({
  providers: [AccessTokensRepository, Surveyor, Duplicates, AccessTokens, Onboarding, Verifier, ReachExpansion, ImportsRepository, Imports],
  exports: [AccessTokens, Onboarding, Verifier, ReachExpansion, Imports],
})
export class AccessTokensModule {}
