// A process whose ring does not fit the database does not start.
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '@keyrack/core';
import { checkRing } from './ring.js';
import { Vault } from './vault.js';

@Injectable()
export class RingCheck implements OnModuleInit {
  constructor(@Inject(Database) private readonly db: Database, @Inject(Vault) private readonly vault: Vault) {}

  async onModuleInit(): Promise<void> {
    await this.db.onPlatform('check the key ring', async (tx) => {
      // On a database that is not migrated readiness tells what to do.
      const [there] = await tx.sql<{ ready: boolean }>`select to_regclass('public.ring_key') is not null as ready`;
      if (there?.ready) await checkRing(tx, this.vault.ring);
    });
  }
}
