// Provides the vault to every room.
import { Global, Module } from '@nestjs/common';
import { Refusals } from './refusals.js';
import { RingCheck } from './ring-check.js';
import { Vault } from './vault.js';

@Global()
@Module({ providers: [Vault, Refusals, RingCheck], exports: [Vault] })
export class CredentialsModule {}
