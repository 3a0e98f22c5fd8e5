// The job of this room: work on one run. Ids only; what to do stands in the ledger.
import { z } from 'zod';
import { idSchema, type RunId, type TenantId } from '@keyrack/core';
import { defineJob } from '@keyrack/queue';

export const syncRun = defineJob('sync.run', z.object({ tenantId: idSchema<TenantId>(), runId: idSchema<RunId>() }));
