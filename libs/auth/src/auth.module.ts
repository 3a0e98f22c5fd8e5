// Provides authentication, sessions, links and API keys.
import { Global, Module } from '@nestjs/common';
import { Audit } from '@keyrack/audit';
import { Database, minuteMs } from '@keyrack/core';
import { AccessLinks } from './access-links.js';
import { ApiKeys } from './api-keys.js';
import { Attempts } from './attempts.js';
import { Auth } from './auth.js';
import { Denials } from './denials.js';
import { FirstAccess } from './first-access.js';
import { Hasher } from './hasher.js';
import { Makers } from './makers.js';
import { Members } from './members.js';
import { Oidc } from './oidc.js';
import { OidcSignIn } from './oidc-sign-in.js';
import { People } from './people.js';
import { PlatformApiKeys } from './platform-api-keys.js';
import { Redemption } from './redemption.js';
import { Sessions } from './sessions.js';
import { TokenUsers } from './token-users.js';

const denials = { provide: Denials, inject: [Database, Audit], useFactory: (db: Database, audit: Audit) => new Denials(db, audit, minuteMs) };
const rooms = [AccessLinks, ApiKeys, Attempts, Auth, denials, FirstAccess, Hasher, Makers, Members, Oidc, OidcSignIn, People, PlatformApiKeys, Redemption, Sessions, TokenUsers];

@Global()
@Module({ providers: rooms, exports: rooms })
export class AuthModule {}
