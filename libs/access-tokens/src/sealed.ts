// The sealed values of this room.
import { sql } from '@keyrack/core';
import type { SealedColumn } from '@keyrack/credentials';

export const sealedTokens: readonly SealedColumn[] = [
  {
    owner: 'tenant', table: 'access_token', column: 'ciphertext', key: [{ column: 'id', type: 'uuid' }], environment: sql`t.environment_id`,
    place: ([id = ''], environment) => ({ environment, row: id }),
  },
  {
    owner: 'tenant', table: 'token_import_line', column: 'ciphertext', key: [{ column: 'operation_id', type: 'uuid' }, { column: 'line', type: 'int' }], environment: sql`t.environment`,
    place: ([operation = '', line = ''], environment) => ({ environment, row: `${operation}/${line}` }),
  },
];
