// The sealed values of this room.
import { sql } from '@keyrack/core';
import type { SealedColumn } from '@keyrack/credentials';

export const sealedClientTokens: readonly SealedColumn[] = [{
  owner: 'platform', table: 'application_client_token', column: 'ciphertext', key: [{ column: 'application_id', type: 'uuid' }, { column: 'environment_id', type: 'text' }],
  environment: sql`t.environment_id`,
  place: ([application = ''], environment) => ({ environment, row: application }),
}];
