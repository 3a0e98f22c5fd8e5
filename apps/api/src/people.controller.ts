// /v1/users and /v1/tenants/:tenant/members: people and their roles.
import { Body, Controller, Delete, Get, Inject, Param, Patch, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  listQuerySchema, memberChangeSchema, Members, memberSchema, People, userChangeSchema, userSchema,
  type ListQuery, type MemberChange, type UserChange,
} from '@keyrack/auth';
import { idSchema, pageOf, type Actor, type TenantActor, type UserId } from '@keyrack/core';
import { Answers, AnswersNothing, Me, Requires } from './route.js';

const userId = idSchema<UserId>();

@ApiTags('People')
@Controller('v1/users')
export class UsersController {
  constructor(@Inject(People) private readonly people: People) {}

  @Get() @Requires('users:read') @Answers(pageOf(userSchema), { summary: 'List the people who can sign in' })
  list(@Query({ schema: listQuerySchema }) query: ListQuery) { return this.people.list(query); }

  @Patch(':userId') @Requires('users:write') @Answers(userSchema, { summary: 'Change a person: name, role, disabled. A first role on the platform takes an invitation' })
  change(@Me() me: Actor, @Param('userId', { schema: userId }) id: UserId, @Body({ schema: userChangeSchema }) body: UserChange) { return this.people.change(me, id, body); }
}

@ApiTags('People')
@Controller('v1/tenants/:tenant/members')
export class MembersController {
  constructor(@Inject(Members) private readonly members: Members) {}

  @Get() @Requires('members:read') @Answers(pageOf(memberSchema), { summary: 'List the people of the tenant' })
  list(@Me() me: TenantActor, @Query({ schema: listQuerySchema }) query: ListQuery) { return this.members.list(me.tenantId, query); }

  @Put(':userId') @Requires('members:write') @Answers(memberSchema, { summary: 'Give a member another role. Others come in by an invitation' })
  set(@Me() me: TenantActor, @Param('userId', { schema: userId }) id: UserId, @Body({ schema: memberChangeSchema }) body: MemberChange) { return this.members.set(me, id, body); }

  @Delete(':userId') @Requires('members:write') @AnswersNothing({ summary: 'Take a person out of the tenant' })
  remove(@Me() me: TenantActor, @Param('userId', { schema: userId }) id: UserId) { return this.members.remove(me, id); }
}
