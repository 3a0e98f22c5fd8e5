// One stream of requests for the runs of several enterprises that one AccessToken opens. One run leads: it has the lease, the windows and
// the budget; the others ride along, each with its own counts, state and deletions. What cannot go together goes apart:
// whatever ends a stream early puts its runs back, each to be planned alone, so that one enterprise's trouble stays its own.
import { Injectable } from '@nestjs/common';
import { sql, type TenantTx } from '@keyrack/core';
import { fieldOf, isShareable, isTooDeep, parentsOf, type CollectionEntry, type PageItem, type PageList, type RecordList } from '@keyrack/mews';
import { enterprisesOf, toldBy } from './owners.js';
import type { ClaimedRun, Member } from './run.js';

/** A record that names no enterprise, service, parent or other record that is known: whose it is can only be told by asking for one enterprise at a time. */
export class Inseparable extends Error {
  override readonly name = 'Inseparable';
}

/** Mews takes more ids, but a page is written enterprise by enterprise, in one transaction. */
const MEMBERS_MAX = 100;

/** A run that could ride along, with what its plan needs. */
export type Candidate = Omit<ClaimedRun, 'members' | 'leftOut' | 'unrecorded' | 'askedAfter' | 'serviceOwners'>;

@Injectable()
export class FanIn {
  /** Queued runs of other enterprises with the same collection and AccessToken; locked until the transaction ends. */
  async candidates(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry): Promise<Candidate[]> {
    // An enterprise's own token opens no other.
    if (!isShareable(entry) || run.tokenKind === 'enterprise' || run.apart || run.from !== null || run.to !== null || run.source !== run.enterpriseId) return [];
    // A record that names only its service, or another record, is told by those that are known.
    const [told] = entry.lists.map(toldBy).filter((collection) => collection !== null && collection !== entry.name);
    const known = (enterpriseId: ReturnType<typeof sql>) => (told
      ? sql`exists (select 1 from sync_state s where s.tenant_id = ${tx.tenantId} and s.collection = ${told} and s.source = ${enterpriseId} and s.completed_at is not null)`
      : sql`true`);
    const parents = parentsOf(entry).map((parent) => parent.collection);
    return tx.prepared<Candidate>(told ? 'riders-told' : 'riders', sql`
      select run.tenant_id as "tenantId", run.id, run.fence, run.collection, run.source, e.environment_id as "environmentId", run.enterprise_id as "enterpriseId", e.chain_id as "chainId",
             e.created_utc as "enterpriseCreatedUtc", run.access_token_id as "accessTokenId", ${run.tokenKind}::text as "tokenKind", run.mode, run.trigger, run.from_utc as "from", run.to_utc as "to", false as planned,
             run.attempts, false as sweeps, run.fallback, run.refused, run.apart, s.high_water as "highWater"
        from run
        join enterprise e on e.tenant_id = run.tenant_id and e.id = run.enterprise_id
        left join sync_state s on s.tenant_id = run.tenant_id and s.collection = run.collection and s.source = run.source
       where run.tenant_id = ${tx.tenantId} and run.collection = ${run.collection} and run.access_token_id = ${run.accessTokenId} and run.id <> ${run.id}
         and run.state = 'queued' and run.available_at <= clock_timestamp() and run.planned_at is null and run.leader_id is null and not run.apart and not run.backfill
         and run.source = run.enterprise_id::text
         -- As in dispatch: what the parents' runs are about to change would be asked for by ids that are out of date.
         and not exists (select 1 from run need where need.tenant_id = run.tenant_id and need.collection = any(${parents}) and need.source = run.source
               and not need.backfill and need.state in ('queued', 'running', 'waiting') and need.wait_reason is distinct from 'paused')
         and ${known(sql`run.source`)} and ${known(sql`${run.source}`)}
       order by run.id limit ${MEMBERS_MAX - 1}
         for no key update of run skip locked`);
  }

  /** The leader first, then those that ride along; locked, so that none is cancelled while a page is written for it. */
  async members(tx: TenantTx, run: Pick<ClaimedRun, 'id'>): Promise<Member[]> {
    return tx.sql<Member>`
      select run.id, run.source, run.enterprise_id as "enterpriseId", e.chain_id as "chainId", e.created_utc as "enterpriseCreatedUtc", run.state = 'running' as live
        from run join enterprise e on e.tenant_id = run.tenant_id and e.id = run.enterprise_id
       where run.tenant_id = ${tx.tenantId} and (run.id = ${run.id} or run.leader_id = ${run.id})
       order by run.leader_id nulls first, run.id for no key update of run`;
  }

  /**
   * The records of a list by whose they are. What names an enterprise that was not asked for is the leader's, to be set aside there.
   * @throws Inseparable
   */
  async split(tx: TenantTx, run: ClaimedRun, entry: CollectionEntry, page: PageList): Promise<{ member: Member; items: PageItem[] }[]> {
    const [leader, ...others] = run.members;
    if (!leader || others.length === 0 || page.items.length === 0) return leader ? [{ member: leader, items: [...page.items] }] : [];
    const marks = page.items.map((item) => markOf(page.list, item));
    const owners = await enterprisesOf(tx, run.environmentId, entry, page.list, marks.flatMap((mark) => (mark?.by === 'owner' ? [mark.id] : [])));
    const shares = new Map(run.members.map((member) => [member.enterpriseId as string, { member, items: [] as PageItem[] }]));
    for (const [i, item] of page.items.entries()) {
      const mark = marks[i];
      const enterpriseId = mark?.by === 'owner' ? owners.get(mark.id) : mark?.id;
      if (mark && enterpriseId === undefined) throw new Inseparable();
      const share = shares.get(enterpriseId ?? leader.enterpriseId) ?? (mark?.by === 'enterprise' ? shares.get(leader.enterpriseId) : undefined);
      share?.items.push(item);
    }
    return [...shares.values()].filter(({ items }) => items.length > 0);
  }
}

/** What a record says of its owner: its enterprise, or a record that has one. Null where it cannot be read, and will be set aside. */
export function markOf(list: RecordList, item: PageItem): { by: 'enterprise' | 'owner'; id: string } | null {
  const raw = parsed(item);
  if (item.id === null || raw === null) return null;
  const enterpriseId = idIn(raw, list.enterprise);
  if (enterpriseId !== null) return { by: 'enterprise', id: enterpriseId };
  const owner = idIn(raw, list.service ?? list.through?.field ?? list.parent);
  if (owner === null) throw new Inseparable();
  return { by: 'owner', id: owner };
}

function parsed(item: PageItem): Record<string, unknown> | null {
  if (isTooDeep(item.bytes)) return null;
  try {
    const raw: unknown = JSON.parse(item.bytes.toString());
    return typeof raw === 'object' ? raw as Record<string, unknown> | null : null;
  } catch {
    return null;   // the page's reader says what is wrong with it
  }
}

function idIn(raw: Record<string, unknown>, field: string | undefined): string | null {
  const value = field === undefined ? null : fieldOf(raw, field);
  return typeof value === 'string' ? value.toLowerCase() : null;
}
