// The plain way of the same pages, as a process of its own: ask, parse, COPY as text into a table without row security.
// Argument: its order as JSON. Prints the processor time it used, in ms.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const { url, body, tenantId, databaseUrl } = JSON.parse(process.argv[2]);
const client = new pg.Client({ connectionString: databaseUrl });
await client.connect();
await client.query('create table yardstick (id uuid primary key, tenant uuid, payload jsonb)');
for (let cursor = null, records = []; records.length > 0 || cursor === null; cursor = records.at(-1)?.Id) {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...body, Limitation: { Count: 1_000, ...(cursor === null ? {} : { Cursor: cursor }) } }) });
  if (!answer.ok) throw new Error(`answered ${answer.status}: ${await answer.text()}`);
  records = (await answer.json()).Reservations;
  const text = records.map((record) => `${record.Id}\t${tenantId}\t${JSON.stringify(record).replaceAll('\\', '\\\\')}\n`).join('');
  await client.query('begin');
  await pipeline(Readable.from([text]), client.query(copyFrom('copy yardstick (id, tenant, payload) from stdin')));
  await client.query('commit');
}
await client.query('drop table yardstick');
await client.end();
const { user, system } = process.cpuUsage();
console.log((user + system) / 1_000);
