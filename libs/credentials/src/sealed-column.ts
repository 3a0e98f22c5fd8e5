// Where sealed values stand: each room declares its columns, and this reads, counts and replaces them whatever they are.
import { Sql, sql, type Tx } from '@keyrack/core';
import { IDENTITY_BYTES, type Binding } from './sealer.js';
import type { Scope } from './vault.js';

/** A column of sealed values. Its table is `t` in `environment`. */
export interface SealedColumn {
  owner: 'tenant' | 'platform';
  table: string;
  column: string;
  /** The primary key in its order, without the tenant. */
  key: readonly { column: string; type: 'text' | 'uuid' | 'int' }[];
  environment: Sql;
  /** What a value is bound to, besides its table and column. @param key as texts */
  place(key: readonly string[], environment: string): Pick<Binding, 'environment' | 'row'>;
}

/** A row in the order of the key. `sealed` is null where the value is sealed under the key that was named, or where there is none. */
export interface SealedRow { key: string[]; environment: string; sealed: Buffer | null }

export interface Replacement { key: readonly string[]; old: Buffer; sealed: Buffer }

export const bindingOf = (at: SealedColumn, { key, environment }: SealedRow): Binding => ({ table: at.table, column: at.column, ...at.place(key, environment) });

/** The next `rows` rows after that key; the values that are not sealed under `keyId` with them. */
export async function readSealed(tx: Tx, scope: Scope, at: SealedColumn, keyId: number, after: readonly string[] | null, rows: number): Promise<SealedRow[]> {
  const value = sql`t.${name(at.column)}`, columns = list(at.key.map(({ column }) => sql`t.${name(column)}`));
  return tx.run<SealedRow>(sql`
    select ${keyOf(at)} as key, ${at.environment} as environment,
           case when substring(${value} from 2 for 4) <> ${idBytes(keyId)} then ${value} end as sealed
      from ${name(at.table)} t where ${owned(at, scope)} and ${beyond(at, after)} order by ${columns} limit ${rows}`);
}

/**
 * Puts new values in the place of those that still are what they were. A row that somebody else works on at this moment is left alone,
 * so that nobody waits for anybody.
 * @returns how many were replaced
 */
export async function replaceSealed(tx: Tx, scope: Scope, at: SealedColumn, values: readonly Replacement[]): Promise<number> {
  const keys = list(at.key.map(({ type }, i) => sql`${values.map(({ key }) => key[i])}::${name(type)}[]`));
  const names = at.key.map((_, i) => name(`k${i}`));
  const same = (one: string, other: string): Sql => at.key.map(({ column }, i) => sql`${name(one)}.${name(column)} = ${name(other)}.${names[i]}`).reduce((all, next) => sql`${all} and ${next}`);
  const [row] = await tx.run<{ replaced: number }>(sql`
    with given as (select * from unnest(${keys}, ${values.map(({ old }) => old.subarray(0, IDENTITY_BYTES))}::bytea[], ${values.map(({ sealed }) => sealed)}::bytea[]) as v (${list(names)}, old, sealed)),
    mine as (
      select ${list(names.map((one) => sql`given.${one}`))}, given.sealed from ${name(at.table)} t join given on ${same('t', 'given')}
       where ${owned(at, scope)} and substring(t.${name(at.column)} from 1 for ${IDENTITY_BYTES}) = given.old for update of t skip locked),
    replaced as (
      update ${name(at.table)} t set ${name(at.column)} = mine.sealed from mine where ${owned(at, scope)} and ${same('t', 'mine')} returning 1)
    select count(*) as replaced from replaced`);
  return row?.replaced ?? 0;
}

/** How many of the next `rows` rows after that key have a value under each data key; under null, none. `last` is the key of the last, null where that was all. */
export async function countSealed(tx: Tx, scope: Scope, at: SealedColumn, after: readonly string[] | null, rows: number): Promise<{ counts: Map<number | null, number>; last: string[] | null }> {
  const columns = list(at.key.map(({ column }) => sql`t.${name(column)}`));
  const found = await tx.run<{ under: Buffer | null; n: number; last: string[] }>(sql`
    with page as materialized (
      select ${columns}, substring(t.${name(at.column)} from 2 for 4) as sealed_under from ${name(at.table)} t where ${owned(at, scope)} and ${beyond(at, after)} order by ${columns} limit ${rows})
    select sealed_under as under, count(*) as n, (select ${keyOf(at)} from page t order by ${list(at.key.map(({ column }) => sql`t.${name(column)} desc`))} limit 1) as last from page group by 1`);
  const isAll = found.reduce((sum, { n }) => sum + n, 0) < rows;
  return { counts: new Map(found.map(({ under, n }) => [under && (under.length === 4 ? under.readUInt32BE() : 0), n])), last: isAll ? null : found[0]?.last ?? null };
}

const keyOf = (at: SealedColumn): Sql => sql`array[${list(at.key.map(({ column }) => sql`t.${name(column)}::text`))}]`;

const beyond = (at: SealedColumn, after: readonly string[] | null): Sql => after === null ? sql`true`
  : sql`(${list(at.key.map(({ column }) => sql`t.${name(column)}`))}) > (${list(at.key.map(({ type }, i) => sql`${after[i]}::${name(type)}`))})`;

const owned = (at: SealedColumn, scope: Scope): Sql => (at.owner === 'platform' ? sql`true` : sql`t.tenant_id = ${scope}`);

function idBytes(keyId: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(keyId);
  return bytes;
}

// Names and types come from the declarations of the rooms, not from callers.
const name = (text: string): Sql => new Sql([text], []);
const list = (parts: readonly Sql[]): Sql => parts.reduce((all, next) => sql`${all}, ${next}`);
