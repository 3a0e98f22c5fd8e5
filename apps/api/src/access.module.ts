// Sessions, people, API keys and the audit trail, for the api.
import { Module } from '@nestjs/common';
import { AccessLinksController, PlatformAccessLinksController } from './access-links.controller.js';
import { ApiKeysController, PlatformApiKeysController } from './api-keys.controller.js';
import { AuditController, PlatformAuditController } from './audit.controller.js';
import { OidcController } from './oidc.controller.js';
import { MembersController, UsersController } from './people.controller.js';
import { SessionController } from './session.controller.js';

@Module({ controllers: [SessionController, OidcController, AccessLinksController, PlatformAccessLinksController, ApiKeysController, PlatformApiKeysController, UsersController, MembersController, AuditController, PlatformAuditController] })
export class AccessModule {}
