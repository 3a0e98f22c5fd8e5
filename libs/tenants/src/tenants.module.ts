// Provides tenants and their erasure.
import { Global, Module } from '@nestjs/common';
import { Erasure } from './erasure.js';
import { Tenants } from './tenants.js';

@Global()
@Module({ providers: [Tenants, Erasure], exports: [Tenants, Erasure] })
export class TenantsModule {}
