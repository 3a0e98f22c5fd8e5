// Records per second through the whole page transaction (fence, cursor, counts, feed position, row security, encryption), beside a
// plain text COPY of the same rows, 1,000 a transaction, into (id uuid primary key, tenant uuid, payload jsonb) on the same server.
import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { median, tenantWithEnterprise, time } from './harness.mjs';

export const PAGE = 1_000;
const RECORD_BYTES = 1_500;

/** @returns figures by name: value and yardstick in records a second, and the ratio of the medians */
export async function benchLoad(bench, parts, { records = 50_000, rounds = 3 } = {}) {
  const times = { yardstick: [], first: [], unchanged: [], changed10: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Pages lie outside the heap, as bytes from a socket would: 75 MB of objects would make the collector part of the figure.
    const pages = Array.from({ length: records / PAGE }, (_, page) => newPage(page));
    times.yardstick.push(await copyYardstick(bench.owner, pages));
    const pull = await preparePull(bench, parts, await tenantWithEnterprise(bench));
    times.first.push(await pull(pages));
    times.unchanged.push(await pull(pages));
    times.changed10.push(await pull(pages.map(everyTenthChanged)));
    await bench.owner.query('truncate record, run cascade');
    await bench.owner.query('checkpoint');
  }
  const perSecond = (name) => records / median(times[name]) * 1_000;
  return Object.fromEntries(['first', 'unchanged', 'changed10'].map((name) =>
    [`load.${name}`, { value: Math.round(perSecond(name)), unit: 'records/s', yardstick: Math.round(perSecond('yardstick')), ratio: round(perSecond(name) / perSecond('yardstick')) }]));
}

const round = (number) => Math.round(number * 100) / 100;

// Ids are like those of Mews: random, but for the last group, which is the day since 1900 and the time of day at which the record was made.
export const DAYS_TO_1970 = 25_567, TICKS_A_DAY = 300 * 86_400;
const hex = (number, digits) => Math.floor(number).toString(16).padStart(digits, '0');
let made = 0;
function newId() {
  const days = Date.now() / 86_400_000;
  made += 1;
  return `${randomUUID().slice(0, 24)}${hex(DAYS_TO_1970 + days, 4)}${hex((days % 1) * TICKS_A_DAY / 2 + made, 8)}`;
}

function newRecord(i) {
  const record = {
    Id: newId(), ServiceId: randomUUID(), AccountId: randomUUID(), Number: String(i), State: 'Confirmed', Origin: 'Connector', CreatedUtc: '2026-01-01T00:00:00Z', UpdatedUtc: '2026-01-02T00:00:00Z',
    Options: { OwnerCheckedIn: false, AllCompanionsCheckedIn: false }, PersonCounts: [{ AgeCategoryId: randomUUID(), Count: 2 }], Notes: '',
  };
  const missing = RECORD_BYTES - JSON.stringify(record).length;
  return { ...record, Notes: randomBytes(missing).toString('base64').slice(0, missing) };
}

const answer = (rows) => Buffer.from(JSON.stringify({ Reservations: rows, Cursor: randomUUID() }));
const recordsOf = (page) => JSON.parse(page.toString()).Reservations;
export const newPage = (page) => answer(Array.from({ length: PAGE }, (_, i) => newRecord(page * PAGE + i)));

function everyTenthChanged(page) {
  return answer(recordsOf(page).map((row, i) => (i % 10 === 0 ? { ...row, UpdatedUtc: '2026-02-01T00:00:00Z', Number: 'changed' } : row)));
}

async function copyYardstick(owner, pages) {
  await owner.query('drop table if exists yardstick');
  await owner.query('create table yardstick (id uuid primary key, tenant uuid, payload jsonb)');
  const tenant = randomUUID();
  const texts = pages.map((page) => Buffer.from(recordsOf(page).map((row) => `${row.Id}\t${tenant}\t${JSON.stringify(row).replaceAll('\\', '\\\\')}\n`).join('')));
  return time(async () => {
    for (const text of texts) {
      await owner.query('begin');
      await pipeline(Readable.from([text]), owner.query(copyFrom('copy yardstick (id, tenant, payload) from stdin')));
      await owner.query('commit');
    }
  });
}

/** A pull of reservations of an enterprise as the worker does it, with the network left out: the answers are bytes in memory, as they come from it. */
export async function preparePull(bench, parts, ids) {
  const { db, vault } = bench;
  const entry = parts.mews.collection('reservations');
  let page = Buffer.alloc(0);
  const mews = { ask: async () => ({ bytes: page, answeredAt: new Date(), requestId: null }) };
  const runs = new parts.runsRepository.RunsRepository();
  const pager = new parts.pager.Pager(db, mews, vault, runs, new parts.fanIn.FanIn(), new parts.sights.Sights(), { leaseMs: 60_000 });
  return async (pages) => {
    const run = await claimedRun(bench, runs, ids);
    return time(async () => {
      const window = await db.inTenant(ids.tenantId, (tx) => runs.nextWindow(tx, run));
      for (page of pages) await pager.page(run, entry, null, window, new AbortController().signal);
    });
  };
}

async function claimedRun({ db, owner }, runs, ids) {
  const id = randomUUID();
  await owner.query(`update run set state = 'succeeded' where state = 'running'`);
  await owner.query(`insert into run (tenant_id, id, collection, source, enterprise_id, access_token_id, mode, trigger) values ($1, $2, 'reservations', $3, $4, $5, 'full', 'request')`,
    [ids.tenantId, id, ids.enterpriseId, ids.enterpriseId, ids.accessTokenId]);
  const run = await db.inTenant(ids.tenantId, (tx) => runs.claim(tx, id, 'bench', 60_000));
  await db.inTenant(ids.tenantId, (tx) => runs.storePlan(tx, run, [{ startUtc: null, endUtc: null, interval: null, filter: {}, pageSize: PAGE, deleted: false }], { mode: 'full', planTo: new Date(), sweeps: false, accessTokenId: ids.accessTokenId, fallback: false, refused: [], parentsSeen: {} }));
  return { ...run, planned: true, sweeps: false };
}
