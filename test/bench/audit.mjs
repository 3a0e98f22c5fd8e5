// Events per second that one tenant's audit chain takes, each in a transaction of its own, from eight callers at once, beside bare
// commits of one row on the same server by one caller: appends to one chain wait for each other, so more callers cannot be faster.
import { median, tenantWithEnterprise, time } from './harness.mjs';

const CALLERS = 8;

/** @returns `audit.appends`: value and yardstick per second */
export async function benchAudit(bench, { audit }, { events = 1_600, rounds = 3 } = {}) {
  const { tenantId } = await tenantWithEnterprise(bench);
  const trail = new audit.Audit(bench.db, bench), actor = { kind: 'system', id: 'bench', name: 'bench' };
  const append = () => bench.db.inTenant(tenantId, (tx) => trail.record(tx, actor, { action: 'api_key.revoked', apiKeyId: tenantId, name: 'bench' }));
  await bench.owner.query('create table yardstick (id bigserial primary key, at timestamptz, subject jsonb)');
  const commit = () => bench.owner.query(`insert into yardstick (at, subject) values (now(), '{"apiKeyId":"bench"}')`);
  const times = { value: [], yardstick: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.yardstick.push(await time(async () => { for (let i = 0; i < events; i += 1) await commit(); }));
    times.value.push(await time(() => Promise.all(Array.from({ length: CALLERS }, async () => { for (let i = 0; i < events / CALLERS; i += 1) await append(); }))));
  }
  const [value, yardstick] = [times.value, times.yardstick].map((of) => events / median(of) * 1_000);
  return { 'audit.appends': { value: Math.round(value), unit: 'events/s', yardstick: Math.round(yardstick), ratio: Math.round(value / yardstick * 100) / 100 } };
}
