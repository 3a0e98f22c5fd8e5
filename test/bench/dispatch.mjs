// What one turn of dispatch costs by what is due, not by what exists: 100 due schedules of 100,000 beside 100 due of 1,000.
import { randomUUID } from 'node:crypto';
import { median, tenantWithEnterprise, time } from './harness.mjs';

const DUE = 100;
const TENANTS = 20;

/** @returns turns a second among 100,000 schedules, beside turns among 1,000, and the ratio of the medians */
export async function benchDispatch(bench, parts, { many = 100_000, few = 1_000, rounds = 9 } = {}) {
  const queue = { depth: async () => ({ waiting: 0 }), enqueue: async () => undefined };
  const dispatcher = new parts.dispatcher.Dispatcher(bench.db, new parts.dispatchRepository.DispatchRepository(), queue, null);
  const tenants = await Promise.all(Array.from({ length: TENANTS }, () => tenantWithEnterprise(bench)));
  const names = parts.mews.collections.filter(({ scope }) => scope !== 'chain' && scope !== 'platform').map(({ name }) => name).slice(0, 50);
  const perSecond = [];
  for (const schedules of [few, many]) {
    await fillUp(bench.owner, tenants, names, schedules);
    const times = [];
    for (let round = 0; round <= rounds; round += 1) times.push(await oneTurn(bench.owner, dispatcher));
    // The first warms up plans and pages.
    perSecond.push(1_000 / median(times.slice(1)));
  }
  const [yardstick, value] = perSecond.map((number) => Math.round(number * 10) / 10);
  return { dispatch: { value, unit: 'turns/s', yardstick, ratio: Math.round(value / yardstick * 100) / 100 } };
}

/** Connected enterprises with a schedule for each collection, none of them due, until there are so many schedules. */
async function fillUp(owner, tenants, names, schedules) {
  const { rows: [{ n }] } = await owner.query('select count(*)::int as n from schedule');
  const enterprises = Array.from({ length: (schedules - n) / names.length }, (_, i) => ({ ...tenants[i % tenants.length], enterpriseId: randomUUID() }));
  const rows = JSON.stringify(enterprises.map(({ tenantId, enterpriseId, accessTokenId, chainId }) => ({ t: tenantId, e: enterpriseId, a: accessTokenId, c: chainId })));
  const from = 'from json_to_recordset($1::json) as r (t uuid, e uuid, a uuid, c uuid)';
  await owner.query(`insert into enterprise (tenant_id, id, environment_id, chain_id, name, time_zone, created_utc) select t, e, 'demo', c, 'Bench', 'UTC', '2020-01-01' ${from}`, [rows]);
  await owner.query(`insert into reach (tenant_id, environment_id, access_token_id, enterprise_id, via, first_seen_at, last_seen_at) select t, 'demo', a, e, 'direct', now(), now() ${from}`, [rows]);
  await owner.query(`insert into connection (tenant_id, environment_id, enterprise_id, access_token_id) select t, 'demo', e, a ${from}`, [rows]);
  await owner.query(`insert into schedule (tenant_id, id, enterprise_id, collection, every, next_run_at)
    select t, gen_random_uuid(), e, name, 'PT15M', now() + random() * interval '1 d' + interval '1 h' ${from} cross join unnest($2::text[]) as name`, [rows, names]);
  await owner.query('analyze');
}

/** Milliseconds of a turn that finds so many due; what it made is put away before the next. */
async function oneTurn(owner, dispatcher) {
  await owner.query(`update run set state = 'succeeded' where state <> 'succeeded'`);
  await owner.query(`update schedule set next_run_at = now() from (select tenant_id, id from schedule order by id limit ${DUE}) chosen where schedule.tenant_id = chosen.tenant_id and schedule.id = chosen.id`);
  return time(() => dispatcher.turn());
}
