// Provides reach, enterprises and connections. Global, because the rooms above compose them.
import { Global, Module } from '@nestjs/common';
import { Connections } from './connections.js';
import { Enterprises } from './enterprises.js';
import { ReachRepository } from './reach.repository.js';
import { Reach } from './reach.service.js';

@Global()
@Module({ providers: [ReachRepository, Reach, Enterprises, Connections], exports: [Reach, Enterprises, Connections] })
export class ReachModule {}
