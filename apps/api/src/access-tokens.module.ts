// AccessTokens, enterprises and reach, for the api.
import { Module } from '@nestjs/common';
import { AccessTokensModule as AccessTokens } from '@keyrack/access-tokens';
import { MewsModule } from '@keyrack/mews';
import { ReachModule } from '@keyrack/reach';
import { SyncModule } from '@keyrack/sync';
import { AccessTokensController } from './access-tokens.controller.js';
import { EnterprisesController } from './enterprises.controller.js';
import { AcrossTenants, PlatformReachController, ReachOfAllController } from './platform-reach.controller.js';
import { ReachController } from './reach.controller.js';
import { TokenAuditController } from './token-audit.controller.js';

@Module({ imports: [MewsModule, ReachModule, AccessTokens, SyncModule], controllers: [AccessTokensController, EnterprisesController, TokenAuditController, ReachController, PlatformReachController, ReachOfAllController], providers: [AcrossTenants] })
export class AccessTokensModule {}
