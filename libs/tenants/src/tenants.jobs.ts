// The job that finishes the deletion of a tenant.
import { z } from 'zod';
import { idSchema, type TenantId } from '@keyrack/core';
import { defineJob } from '@keyrack/queue';

export const eraseTenant = defineJob('tenant.erase', z.object({ tenantId: idSchema<TenantId>() }));
