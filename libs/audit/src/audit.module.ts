// Provides the audit trail to every room.
import { Global, Module } from '@nestjs/common';
import { Audit } from './audit.js';
import { AuditVerifier } from './audit-verifier.js';
import { Checkpoints } from './checkpoints.js';

@Global()
@Module({ providers: [Audit, AuditVerifier, Checkpoints], exports: [Audit, AuditVerifier, Checkpoints] })
export class AuditModule {}
