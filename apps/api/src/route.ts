// The words of a controller, for every noun of the API. How to add a noun:
//
//   1. Write `<noun>.controller.ts`; each method is one line that forwards to a lib:
//
//        @Controller('v1/tenants/:tenant/reach')
//        export class ReachController {
//          constructor(@Inject(Reach) private readonly reach: Reach) {}
//          @Get() @Requires('reach:read') @Answers(pageOf(reachRowSchema))
//          list(@Me() me: TenantActor, @Query({ schema: reachQuerySchema }) query: ReachQuery) { return this.reach.list(me.tenantId, query); }
//          @Post(':id/verify') @Requires('access-tokens:write') @Answers(verifiedSchema)
//          verify(@Me() me: TenantActor, @Param('id', { schema: idSchema<AccessTokenId>() }) id: AccessTokenId) { ... }
//        }
//
//   2. Put the controllers and the libs' modules in `<noun>.module.ts`, and that module in the list in api.module.ts: one line.
//
// - Every route carries `@Requires(permission)` (the table is libs/auth/src/roles.ts) or `@Public()`; the api refuses to start otherwise.
// - A path with `:tenant` is a tenant route: the guard resolves slug or id, answers 404 to callers without a relation and 403 where
//   the role lacks the permission; `@Me()` is then a TenantActor. On other paths it is an Actor.
// - Bodies and queries are `z.strictObject` schemas: unknown keys are refused with a pointer. Use `limitSchema`, `cursorSchema`, `pageOf` of core.
// - `@Answers(schema, { status })` documents the answer and sets the status: 200 unless told, for POST as well; `@AnswersNothing()` is 204;
//   `@AnswersAccepted()` is 202 with `{operationId}`. Parameters named `...Id` and `id` are checked by the schema given to @Param.
// - Throw AppError; problem.filter.ts turns it into application/problem+json. MewsError: throw its toAppError().
// - CSV: `wantsCsv(request)` and `csvOf(...)` of csv.ts, and `@Answers(schema, { csv: true })`; JSON Lines: `wantsJsonLines`, `jsonLinesOf`, `{ jsonLines: true }`. Streams: return a StreamableFile, or take `@Res()` and hijack.
// - POST honours Idempotency-Key by itself. `@AnswersSecret()` keeps the answer out of that store.
import { applyDecorators, createParamDecorator, HttpCode, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiExtension, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { idSchema, type Actor, type OperationId, type TenantActor } from '@keyrack/core';
import type { Caller, Permission } from '@keyrack/auth';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard on every route that is not public. */
    me?: Actor | TenantActor;
    caller?: Caller;
    /** Set with `me`: whether the request would be let through now. Rejects, or resolves to false, when it would not; for answers that go on. */
    isStillAllowed?: () => Promise<boolean>;
    /** Set with `me`: for work that has waited for others, before it changes anything. Rejects where the permission was taken away meanwhile. */
    stillMay?: () => Promise<void>;
    traceId: string;
    startedAt: number;
  }
}

export const PERMISSION = 'keyrack:permission';
export const PUBLIC = 'keyrack:public';
export const ATTEMPT = 'keyrack:attempt';
export const SECRET_ANSWER = 'keyrack:secret-answer';

/** The route is for callers whose role has the permission. */
export const Requires = (permission: Permission) =>
  applyDecorators(SetMetadata(PERMISSION, permission), ApiBearerAuth('apiKey'), ApiCookieAuth('session'), ApiExtension('x-permission', permission));

/** The route is for anybody, signed in or not. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Something is guessed at here: attempts from one address are counted before anything else is done, since each takes a lock in the database. */
export const CountsAttempts = () => SetMetadata(ATTEMPT, true);

/** The answer holds a secret that is shown once: a repeated Idempotency-Key is told so instead of seeing it again. */
export const AnswersSecret = () => SetMetadata(SECRET_ANSWER, true);

/** Who sends the request: a TenantActor on tenant routes, an Actor on the others. */
export const Me = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { me } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!me) throw new Error('@Me() stands on a route without a caller');
  return me;
});

/** Asked by work that has waited for Mews, before it saves anything: rejects when the permission of whoever sent the request was taken away meanwhile. */
export const StillMay = createParamDecorator((_: unknown, context: ExecutionContext): (() => Promise<void>) => {
  const { stillMay } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!stillMay) throw new Error('@StillMay() stands on a route without a caller');
  return stillMay;
});

interface AnswersOptions { status?: number; summary?: string; csv?: boolean; jsonLines?: boolean }

export const Answers = (schema: z.ZodType, { status = 200, summary, csv = false, jsonLines = false }: AnswersOptions = {}) => applyDecorators(
  HttpCode(status),
  ...(summary === undefined ? [] : [ApiOperation({ summary })]),
  ApiResponse({ status, description: status === 202 ? 'Accepted' : status === 201 ? 'Created' : 'Done', standardSchema: schema }),
  ...(csv ? [ApiExtension('x-csv', true)] : []),
  ...(jsonLines ? [ApiExtension('x-json-lines', true)] : []),
);

export const AnswersNothing = ({ summary }: Pick<AnswersOptions, 'summary'> = {}) => applyDecorators(
  HttpCode(204), ...(summary === undefined ? [] : [ApiOperation({ summary })]), ApiResponse({ status: 204, description: 'Done' }));

export const acceptedSchema = z.object({ operationId: idSchema<OperationId>().describe('Follow it at /v1/operations/{id}') }).meta({ id: 'Accepted' });
export const AnswersAccepted = (schema: z.ZodType = acceptedSchema, options: Pick<AnswersOptions, 'summary'> = {}) => Answers(schema, { ...options, status: 202 });

/** `?dryRun=true`: says what would be done, with status 200, and does nothing. */
export const dryRunQuery = z.strictObject({ dryRun: z.enum(['true', 'false']).default('false').transform((text) => text === 'true').describe('Only tells what would be done') });
export type DryRun = z.infer<typeof dryRunQuery>;
