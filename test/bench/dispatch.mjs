// What one turn of dispatch costs by what is due, not by what exists: 100 due schedules of 100,000 beside 100 due of 1,000. And what a
// turn costs that chooses among 10,000 ready runs, most of which wait for another collection's, beside one among 1,000.
import { randomUUID } from 'node:crypto';
import { median, tenantWithEnterprise, time } from './harness.mjs';

const DUE = 100;
const TENANTS = 20;

/** @returns figures by name: turns a second among many, beside turns among few, and the ratio of the medians */
export async function benchDispatch(bench, parts, { many = 100_000, few = 1_000, rounds = 9 } = {}) {
  const queue = { depth: async () => ({ waiting: 0 }), enqueue: async () => undefined };
  const dispatcher = new parts.dispatcher.Dispatcher(bench.db, new parts.dispatchRepository.DispatchRepository(), queue, null);
  const tenants = [];
  for (let i = 0; i < TENANTS; i += 1) tenants.push(await tenantWithEnterprise(bench));
  const names = parts.mews.collections.filter(({ scope }) => scope !== 'chain' && scope !== 'platform').map(({ name }) => name).slice(0, 50);
  const due = [], ready = [];
  for (const schedules of [few, many]) {
    await fillUp(bench.owner, tenants, names, schedules);
    due.push(await medianTurn(dispatcher, rounds, () => makeDue(bench.owner)));
    ready.push(await medianTurn(dispatcher, rounds, () => makeReady(bench.owner, schedules === few ? few : many / 10)));
  }
  return { dispatch: perSecond(due), 'dispatch.ready': perSecond(ready) };
}

const rounded = (number, digits) => Math.round(number * 10 ** digits) / 10 ** digits;
const perSecond = ([few, many]) => ({ value: rounded(1_000 / many, 1), unit: 'turns/s', yardstick: rounded(1_000 / few, 1), ratio: rounded(few / many, 2) });

/** Milliseconds of a turn, after `prepare` put away what the turn before made. The first warms up plans and pages. */
async function medianTurn(dispatcher, rounds, prepare) {
  const times = [];
  for (let round = 0; round <= rounds; round += 1) {
    await prepare();
    times.push(await time(() => dispatcher.turn()));
  }
  return median(times.slice(1));
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

async function makeDue(owner) {
  await owner.query(`update run set state = 'succeeded' where state <> 'succeeded'`);
  await owner.query(`update schedule set next_run_at = now() from (select tenant_id, id from schedule order by id limit ${DUE}) chosen where schedule.tenant_id = chosen.tenant_id and schedule.id = chosen.id`);
}

/** So many ready runs: of each enterprise one for each of its collections, as after a night without Mews. */
async function makeReady(owner, runs) {
  const { rows: [{ n }] } = await owner.query(`select count(*)::int as n from run where state = 'queued'`);
  if (n === runs) return owner.query(`update run set admitted_at = null where admitted_at is not null`);
  await owner.query('truncate run cascade');
  await owner.query(`
    insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger)
    select s.tenant_id, gen_random_uuid(), s.collection, s.enterprise_id::text, s.enterprise_id, c.access_token_id, 'incremental', 'schedule'
      from schedule s join connection c using (tenant_id, enterprise_id) order by s.enterprise_id, s.collection limit $1`, [runs]);
  return owner.query('analyze run');
}
