// Schedules, runs, records and live events, for the api.
import { Module } from '@nestjs/common';
import { SyncModule } from '@keyrack/sync';
import { EventsController } from './events.controller.js';
import { LiveRuns } from './live-runs.js';
import { OverviewController } from './overview.controller.js';
import { CollectionsController, RecordsController } from './records.controller.js';
import { SyncsController } from './syncs.controller.js';

@Module({ imports: [SyncModule], controllers: [SyncsController, RecordsController, CollectionsController, EventsController, OverviewController], providers: [LiveRuns] })
export class SyncsModule {}
