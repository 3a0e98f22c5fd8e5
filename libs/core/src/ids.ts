// Branded ids: a string of one noun cannot be passed where another is meant. Mews' own ids are branded too.
import { v7 } from 'uuid';
import { z } from 'zod';
import { dayMs } from './time.js';

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type TenantId = Branded<'Tenant'>;
export type AccessTokenId = Branded<'AccessToken'>;
export type ApplicationId = Branded<'Application'>;
export type EnvironmentId = Branded<'Environment'>;
export type EnterpriseId = Branded<'Enterprise'>;
export type ChainId = Branded<'Chain'>;
export type ScheduleId = Branded<'Schedule'>;
export type OperationId = Branded<'Operation'>;
export type RunId = Branded<'Run'>;
export type UserId = Branded<'User'>;
export type ApiKeyId = Branded<'ApiKey'>;
export type AccessLinkId = Branded<'AccessLink'>;

type AnyId = TenantId | AccessTokenId | ApplicationId | EnterpriseId | ChainId | ScheduleId | OperationId | RunId | UserId | ApiKeyId | AccessLinkId;

/** A new UUIDv7 for a row of ours; time-ordered, so that indexes grow at one end. */
export const newId = <Id extends AnyId>(): Id => v7() as Id;

/** The smallest UUIDv7 of that many days ago: ids of ours are ordered by time, so the newest rows are one range of the primary key. */
export function dayOldId(days = 1): string {
  const hex = (Date.now() - days * dayMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** A zod schema for one id kind: any UUID, lower-cased. `z.uuid()` would refuse ids whose version bits Mews does not set. */
export const idSchema = <Id extends AnyId>() =>
  z.guid('must be a UUID').toLowerCase().transform((id) => id as Id).meta({ format: 'uuid' });
