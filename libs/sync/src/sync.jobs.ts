// The job of this room: work on some runs of a tenant, one after the other. Ids only; what to do stands in the ledger.
import { z } from 'zod';
import { idSchema, type RunId, type TenantId } from '@keyrack/core';
import { defineJob } from '@keyrack/queue';

/** Mostly one run; more where so many are ready that an idle one would cost less than its job. */
export const syncRuns = defineJob('sync.runs', z.object({ tenantId: idSchema<TenantId>(), runIds: z.array(idSchema<RunId>()).min(1) }));
