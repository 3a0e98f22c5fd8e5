// Throughput of the page transaction into a collection that holds 10,000,000 records already, beside one of 100,000: first load and unchanged
// reload of 50,000 records each. Both collections stand in one table, under a tenant each, and take turns. `npm run bench -- --only scale`
// fills 1,000,000; `--only scale.full` all 10,000,000 (7 GB, some minutes). Filler payloads have 200 bytes: nothing reads them. Ids are like
// those of Mews, whose last group is the day since 1900 and the time of day at which the record was made: the filler's in the ten years before.
import { median, tenantWithEnterprise } from './harness.mjs';
import { DAYS_TO_1970, newPage, PAGE, preparePull, TICKS_A_DAY } from './load.mjs';

const FEW = 100_000;
const FILL_ROWS = 1_000_000;
const PAGES = 50;
/** The index by which ids are looked up has 1 GB: it should fit, as on a server made for so many records. */
benchScale.settings = { shared_buffers: '2GB' };

/** @returns figures by name: records a second among many, beside those among few, and the ratio of the medians */
export async function benchScale(bench, parts, { full = false, rounds = 7 } = {}) {
  const sizes = { few: FEW, many: full ? 10_000_000 : 1_000_000 };
  const pulls = {}, wal = { few: [], many: [] }, times = { first: { few: [], many: [] }, unchanged: { few: [], many: [] } };
  const tenants = { few: await tenantWithEnterprise(bench), many: await tenantWithEnterprise(bench) };
  await fill(bench.owner, Object.keys(sizes).map((size) => ({ ...tenants[size], records: sizes[size] })));
  for (const size of Object.keys(sizes)) pulls[size] = await preparePull(bench, parts, tenants[size]);
  for (let round = 0; round <= rounds; round += 1) {
    for (const size of round % 2 === 0 ? ['few', 'many'] : ['many', 'few']) {
      const pages = Array.from({ length: PAGES }, (_, page) => newPage(page));
      const before = await walBytes(bench.owner);
      times.first[size].push(await pulls[size](pages));
      wal[size].push((await walBytes(bench.owner) - before) / (PAGES * PAGE));
      times.unchanged[size].push(await pulls[size](pages));
    }
  }
  console.log(`WAL of a new record: ${Object.keys(sizes).map((size) => `${Math.round(median(wal[size].slice(1)))} bytes among ${sizes[size]}`).join(', ')}`);
  // The first of each warms up plans and pages.
  const perSecond = (kind, size) => PAGES * PAGE / median(times[kind][size].slice(1)) * 1_000;
  return Object.fromEntries(Object.keys(times).map((kind) => {
    const value = perSecond(kind, 'many'), yardstick = perSecond(kind, 'few');
    return [`scale.${kind}`, { value: Math.round(value), unit: 'records/s', yardstick: Math.round(yardstick), ratio: Math.round(value / yardstick * 100) / 100 }];
  }));
}

const walBytes = async (owner) => Number((await owner.query(`select pg_current_wal_lsn() - '0/0' as bytes`)).rows[0].bytes);

/** So many records of each tenant, behind the program's back; the indexes are built afterwards. */
async function fill(owner, collections) {
  const { rows: [{ primary }] } = await owner.query(`select pg_get_constraintdef(oid) as primary from pg_constraint where conname = 'record_pkey'`);
  const { rows: indexes } = await owner.query(`select indexname as name, indexdef as definition from pg_indexes where tablename = 'record' and indexname <> 'record_pkey'`);
  await owner.query('alter table record drop constraint record_pkey');
  for (const { name } of indexes) await owner.query(`drop index ${name}`);
  for (const { tenantId, enterpriseId, records } of collections) {
    for (let from = 1; from <= records; from += FILL_ROWS) {
      await owner.query(`
        insert into record (tenant_id, collection, id, environment_id, source, enterprise_id, service_id, first_seq, seq, changed_at, updated_utc, hash, payload)
        select $1, 'reservations', lpad(to_hex((${DAYS_TO_1970} + extract(epoch from now()) / 86400 - 3650 * (1 - n::float / $5))::int), 4, '0') || lpad(to_hex((random() * ${TICKS_A_DAY - 1})::int), 8, '0') || left(gen_random_uuid()::text, 24), 'demo', $2::uuid::text, $2::uuid, $2::uuid, n, n, now(), now(), sha256(int8send(n)), decode(repeat('ab', 200), 'hex')
          from generate_series($3::bigint, $4::bigint) as n`, [tenantId, enterpriseId, from, Math.min(records, from + FILL_ROWS - 1), records]);
    }
    await owner.query(`insert into feed (tenant_id, collection, last_seq) values ($1, 'reservations', $2)`, [tenantId, records]);
  }
  await owner.query(`set maintenance_work_mem = '1GB'`);
  await owner.query(`alter table record add constraint record_pkey ${primary}`);
  for (const { definition } of indexes) await owner.query(definition);
  await owner.query('vacuum (freeze, analyze) record');
  await owner.query('checkpoint');
  // As in a server that runs: the index by which ids are looked up is in memory.
  await owner.query('set enable_seqscan = off');
  await owner.query('select tenant_id, collection, count(id) from record group by tenant_id, collection');
}
