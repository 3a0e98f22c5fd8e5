// Provides tenants and their erasure.
import { Global, Module } from '@nestjs/common';
import { Erasure } from './erasure.js';
import { Operations } from './operations.js';
import { Tenants } from './tenants.js';

@Global()
@Module({ providers: [Tenants, Operations, Erasure], exports: [Tenants, Operations, Erasure] })
export class TenantsModule {}
