// The sealed values of this room.
import { sql } from '@keyrack/core';
import type { SealedColumn } from '@keyrack/credentials';
import { payloadBinding } from './page-writer.js';

export const sealedRecords: readonly SealedColumn[] = [
  {
    owner: 'tenant', table: 'record', column: 'payload', key: [{ column: 'collection', type: 'text' }, { column: 'id', type: 'text' }], environment: sql`t.environment_id`,
    place: ([collection = '', id = ''], environment) => payloadBinding(environment, collection, id),
  },
  {
    owner: 'tenant', table: 'run_quarantine', column: 'payload', key: [{ column: 'run_id', type: 'uuid' }, { column: 'id', type: 'uuid' }],
    environment: sql`(select e.environment_id from run r join enterprise e on e.tenant_id = r.tenant_id and e.id = r.enterprise_id where r.tenant_id = t.tenant_id and r.id = t.run_id)`,
    place: ([, id = ''], environment) => ({ environment, row: id }),
  },
];
