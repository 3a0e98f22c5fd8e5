// Tenants and operations, for the api.
import { Module } from '@nestjs/common';
import { SyncModule } from '@keyrack/sync';
import { TenantsModule as Tenants } from '@keyrack/tenants';
import { OperationsController } from './operations.controller.js';
import { TenantsController } from './tenants.controller.js';

@Module({ imports: [Tenants, SyncModule], controllers: [TenantsController, OperationsController] })
export class TenantsModule {}
