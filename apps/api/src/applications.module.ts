// Environments and applications, for the api.
import { Module } from '@nestjs/common';
import { ApplicationsModule as Applications } from '@keyrack/applications';
import { ApplicationsController } from './applications.controller.js';
import { EnvironmentsController } from './environments.controller.js';

@Module({ imports: [Applications], controllers: [EnvironmentsController, ApplicationsController] })
export class ApplicationsModule {}
