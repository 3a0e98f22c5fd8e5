// The request budget in Postgres: one row a key, one statement a decision, by the clock of the database.
import { sql, type Database, type Sql } from '@keyrack/core';
import {
  allowanceOf, backoffMaxMs, backoffMs, busyMs, RequestBudget, retryAfterMaxMs, tightenedMs, withJitter,
  type BudgetAnswer, type BudgetUsage, type BudgetUse, type RequestLimit,
} from './request-budget.js';

// Read once per decision, in a subquery of its own, and after the row is locked: granted instants never overtake each other.
const clock = sql`(select (extract(epoch from clock_timestamp()) * 1000)::bigint as now) clock`;
// Not waiting for the disk: after a crash of the database the last fraction of a second may be forgotten, which a 429 then tells.
const quiet = sql`select set_config('synchronous_commit', 'off', true)`;

export class PostgresRequestBudget extends RequestBudget {
  constructor(private readonly db: Database) { super(); }

  override async take(key: string, limit: RequestLimit, use: BudgetUse): Promise<BudgetAnswer> {
    const [row] = await this.db.atOnce<{ waitMs: number }>('take from a request budget', takeStatement(key, limit, use));
    if (!row) throw new Error('the request budget gave no answer');
    return row.waitMs === 0 ? { granted: true } : { granted: false, waitMs: withJitter(row.waitMs) };
  }

  override async throttled(key: string, retryAfterMs: number | null, limit: RequestLimit): Promise<number> {
    const pause = retryAfterMs === null ? null : Math.min(Math.max(retryAfterMs, 1), retryAfterMaxMs);
    const [row] = await this.db.onPlatform('request budget', async (tx) => {
      await tx.sql`insert into request_budget (key, window_ms, allowed) values (${key}, ${allowanceOf(limit).windowMs}, ${allowanceOf(limit).tight}) on conflict do nothing`;
      return tx.sql<{ blockedMs: number }>`
        update request_budget b
           set (blocked_until, strikes, tightened_until) = (
             select greatest(b.blocked_until, coalesce(now + ${pause}::bigint,
                      case when b.blocked_until > now then 0 else now + (least(${backoffMaxMs}, ${backoffMs} * power(2, least(before, 10))) * (0.75 + random() / 2))::bigint end)),
                    case when b.blocked_until > now then before else before + 1 end,
                    now + ${tightenedMs}::bigint
               from ${clock}, lateral (select case when b.tightened_until > now then b.strikes else 0 end as before) refusals)
         where key = ${key}
        returning blocked_until - (extract(epoch from clock_timestamp()) * 1000)::bigint as "blockedMs"`;
    });
    return Math.max(1, row?.blockedMs ?? 1);
  }

  override async usage(keys: readonly string[]): Promise<Map<string, BudgetUsage>> {
    const rows = await this.db.onPlatform('request budget', (tx) => tx.sql<BudgetUsage & { key: string }>`
      select key, (select count(*) from unnest(stamps) stamp where stamp > now - window_ms)::int as used, allowed as "limit",
             window_ms / 1000 as "windowSeconds", greatest(blocked_until - now, 0) as "blockedMs"
        from request_budget, ${clock} where key = any(${keys})`);
    return new Map(rows.map(({ key, ...usage }) => [key, usage]));
  }
}

/** Grants by adding a stamp, or refuses with the time until enough stamps have left the window. One statement, so one round trip. */
function takeStatement(key: string, limit: RequestLimit, use: BudgetUse): Sql {
  const { windowMs, full, tight, reserve, reserveBusy } = allowanceOf(limit);
  const background = use === 'background';
  return sql`
    with quiet as materialized (${quiet})
    insert into request_budget as b (key, stamps, window_ms, allowed, interactive_at)
    select ${key}, array[now], ${windowMs}::int, ${full}::int, case when ${background} then 0 else now end from quiet, ${clock}
    on conflict (key) do update
       set (stamps, window_ms, allowed, interactive_at, strikes, wait_ms) = (
         select case when wait = 0 then fresh || now else fresh end, ${windowMs}::int, most, case when ${background} then b.interactive_at else now end,
                case when b.tightened_until > now then b.strikes else 0 end, wait
           from ${clock},
                -- A stamp of the future is one of before the clock was set back: it counts from now. "offset 0": counted once, not once per use.
                lateral (select array(select least(stamp, now) from unnest(b.stamps) stamp where stamp > now - ${windowMs} order by 1) as fresh,
                                case when b.tightened_until > now then ${tight}::int else ${full}::int end as most offset 0) log,
                lateral (select greatest(1, most - case when not ${background} then 0 when b.interactive_at > now - ${busyMs}::bigint then ${reserveBusy}::int
                                                        else ${reserve}::int end) as quota) share,
                lateral (select case when b.blocked_until > now then b.blocked_until - now
                                     when cardinality(fresh) < quota then 0
                                     else greatest(1, fresh[cardinality(fresh) - quota + 1] + ${windowMs} - now) end as wait) decision)
    returning wait_ms as "waitMs"`;
}
