// Tenants, for the api.
import { Module } from '@nestjs/common';
import { TenantsModule as Tenants } from '@keyrack/tenants';
import { TenantsController } from './tenants.controller.js';

@Module({ imports: [Tenants], controllers: [TenantsController] })
export class TenantsModule {}
