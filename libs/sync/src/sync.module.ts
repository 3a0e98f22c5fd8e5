// The sync room as a Nest module, for the api and the worker.
import { Module } from '@nestjs/common';
import { AccessTokensModule } from '@keyrack/access-tokens';
import { BlastRadii } from './blast-radius.js';
import { UsableConnections } from './connected.js';
import { DispatchRepository } from './dispatch.repository.js';
import { Dispatcher } from './dispatcher.js';
import { FanIn } from './fan-in.js';
import { LedgerCleaning } from './ledger-cleaning.js';
import { Overview } from './overview.js';
import { Pager } from './pager.js';
import { Parents } from './parents.js';
import { Planner } from './planner.js';
import { SyncPreviews } from './preview.js';
import { Readers } from './readers.js';
import { Records } from './records.js';
import { Runner } from './runner.js';
import { Runs } from './runs.js';
import { RunsRepository } from './runs.repository.js';
import { Schedules } from './schedules.js';
import { Sights } from './sights.js';
import { StatsService } from './stats.js';
import { Stopping } from './stopping.js';
import { Sweep } from './sweep.js';
import { SyncOperations } from './sync-operations.js';
import { TokenEvidence } from './token-evidence.js';

const exported = [Runs, SyncPreviews, Records, Schedules, StatsService, Overview, SyncOperations, Dispatcher, Runner, Stopping, BlastRadii, LedgerCleaning];

@Module({
  imports: [AccessTokensModule],
  providers: [...exported, RunsRepository, DispatchRepository, UsableConnections, FanIn, Readers, Parents, Pager, Planner, Sights, Sweep, TokenEvidence],
  exports: exported,
})
export class SyncModule {}
