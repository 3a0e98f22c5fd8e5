// AccessTokens, enterprises and reach, for the api.
import { Module } from '@nestjs/common';
import { AccessTokensModule as AccessTokens } from '@keyrack/access-tokens';
import { MewsModule } from '@keyrack/mews';
import { ReachModule } from '@keyrack/reach';
import { SyncModule } from '@keyrack/sync';
import { AccessTokensController } from './access-tokens.controller.js';
import { EnterprisesController } from './enterprises.controller.js';
import { PlatformReachController, ReachController } from './reach.controller.js';

@Module({ imports: [MewsModule, ReachModule, AccessTokens, SyncModule], controllers: [AccessTokensController, EnterprisesController, ReachController, PlatformReachController] })
export class AccessTokensModule {}
