// Provides environments and applications.
import { Global, Module } from '@nestjs/common';
import { Applications } from './applications.js';
import { Environments } from './environments.js';

@Global()
@Module({ providers: [Applications, Environments], exports: [Applications, Environments] })
export class ApplicationsModule {}
