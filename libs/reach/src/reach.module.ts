// Provides reach, enterprises and connections. Global, because the rooms above compose them.
import { Global, Module } from '@nestjs/common';
import { Connections } from './connections.js';
import { Enterprises } from './enterprises.js';
import { ReachAudit } from './reach-audit.js';
import { ReachAuditRepository } from './reach-audit.repository.js';
import { ReachRepository } from './reach.repository.js';
import { Reach } from './reach.service.js';

@Global()
@Module({ providers: [ReachRepository, ReachAuditRepository, Reach, ReachAudit, Enterprises, Connections], exports: [Reach, ReachAudit, Enterprises, Connections] })
export class ReachModule {}
