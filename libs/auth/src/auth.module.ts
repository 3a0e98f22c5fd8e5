// Provides authentication, sessions and API keys.
import { Global, Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.js';
import { Auth } from './auth.js';
import { FirstAccess } from './first-access.js';
import { Hasher } from './hasher.js';
import { Members } from './members.js';
import { People } from './people.js';
import { Sessions } from './sessions.js';
import { TokenUsers } from './token-users.js';

const rooms = [Auth, ApiKeys, FirstAccess, Hasher, Members, People, Sessions, TokenUsers];

@Global()
@Module({ providers: rooms, exports: rooms })
export class AuthModule {}
