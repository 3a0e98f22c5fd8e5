// A sealed value opens at its own place and nowhere else.
import { createCipheriv, createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { lengthPrefixed, Sealer, type Binding, type DataKey } from './sealer.js';

const dataKey = (id: number): DataKey => ({ id, key: createSecretKey(randomBytes(32)), hashKey: createSecretKey(randomBytes(32)) });
const key = dataKey(7);
const sealer = new Sealer('tenant-a', [key]);
const at: Binding = { environment: 'demo', table: 'access_token', column: 'ciphertext', row: 'row-1' };
const secret = Buffer.from('the token');
const unreadable = expect.objectContaining({ code: 'secret.unreadable' });

test('what was sealed opens at its place, and no two seals are equal', () => {
  const [one, two] = [sealer.seal(at, secret), sealer.seal(at, secret)];
  expect(sealer.open(at, one)).toEqual(secret);
  expect(sealer.open(at, two)).toEqual(secret);
  expect(one.equals(two)).toBe(false);
  expect(one.includes(secret)).toBe(false);
  expect(sealer.open(at, sealer.seal(at, Buffer.alloc(0)))).toHaveLength(0);
});

test.each<[string, Partial<Binding>]>([
  ['row', { row: 'row-2' }], ['column', { column: 'payload' }], ['table', { table: 'record' }], ['environment', { environment: 'production' }],
  ['boundary between the parts', { table: 'access_tokenc', column: 'iphertext' }],
])('a value moved to another %s is refused', (_, other) => {
  const sealed = sealer.seal(at, secret);
  expect(() => sealer.open({ ...at, ...other }, sealed)).toThrow(unreadable);
  expect(sealer.open(at, sealed)).toEqual(secret);
});

test('a value of another tenant is refused even under the same key', () => {
  expect(() => new Sealer('tenant-b', [key]).open(at, sealer.seal(at, secret))).toThrow(unreadable);
});

test('a flipped bit anywhere is refused', () => {
  const sealed = sealer.seal(at, secret);
  for (let i = 0; i < sealed.length; i += 1) {
    const altered = Buffer.from(sealed);
    altered[i] = (altered[i] ?? 0) ^ 1;
    expect(() => sealer.open(at, altered)).toThrow(unreadable);
  }
});

test('an unknown key id and another key under the same id are refused', () => {
  expect(() => new Sealer('tenant-a', [dataKey(8)]).open(at, sealer.seal(at, secret))).toThrow(unreadable);
  expect(() => new Sealer('tenant-a', [dataKey(7)]).open(at, sealer.seal(at, secret))).toThrow(unreadable);
});

test('a value that is said to be under another key id does not open, though it is the same key', () => {
  const both = new Sealer('tenant-a', [key, { ...key, id: 8 }]), sealed = both.seal(at, secret);
  expect(both.open(at, sealed)).toEqual(secret);
  sealed.writeUInt32BE(8, 1);
  expect(() => both.open(at, sealed)).toThrow(unreadable);
});

test('format, tenant, key id, environment, table, column and row are what is authenticated, in this order', () => {
  const seal = (format: number, parts: readonly string[]): Buffer => {
    const header = Buffer.from([format, 0, 0, 0, key.id]), nonce = randomBytes(12), cipher = createCipheriv('aes-256-gcm', key.key, nonce, { authTagLength: 16 });
    cipher.setAAD(lengthPrefixed(parts));
    return Buffer.concat([header, nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  };
  const rest = ['tenant-a', '7', 'demo', 'access_token', 'ciphertext', 'row-1'];
  expect(sealer.open(at, seal(1, ['keyrack sealed 1', ...rest]))).toEqual(secret);
  // A value of another format, with its first byte changed to that of ours.
  for (const parts of [['keyrack sealed 2', ...rest], ['keyrack sealed', ...rest], rest]) expect(() => sealer.open(at, seal(1, parts))).toThrow(unreadable);
  expect(() => sealer.open(at, seal(2, ['keyrack sealed 1', ...rest]))).toThrow(unreadable);
});

test('short tags and truncated values are refused', () => {
  const sealed = sealer.seal(at, secret);
  for (const cut of [1, 4, 8, 12, 15, 16, sealed.length - 5, sealed.length]) {
    expect(() => sealer.open(at, sealed.subarray(0, sealed.length - cut))).toThrow(unreadable);
  }
});

test('older keys still open, the first one seals', () => {
  const rotated = new Sealer('tenant-a', [dataKey(8), key]);
  expect(rotated.open(at, sealer.seal(at, secret))).toEqual(secret);
  expect(rotated.seal(at, secret).readUInt32BE(1)).toBe(8);
});

test('an error tells the place, not the value', () => {
  const sealed = sealer.seal(at, secret);
  try { sealer.open({ ...at, row: 'x' }, sealed); } catch (error) { expect(String(error)).toMatch(/access_token\.ciphertext/); }
});

test('a content hash is the first half of HMAC-SHA256, so that it differs between tenants', () => {
  for (const bytes of [0, 1, 64, 1_500, 70_000]) {
    const content = randomBytes(bytes);
    expect(sealer.contentHash(content)).toBe(createHmac('sha256', key.hashKey).update(content).digest('hex').slice(0, 32));
  }
});

test('a record of 1.5 KB is hashed and sealed without costs of our own to speak of', () => {
  const payload = Buffer.alloc(1_500, 'x'), bareKey = createSecretKey(randomBytes(32));
  // Processor time beside the bare primitive in the same run: a busy machine slows both.
  const bare = cpuMs(() => { createHmac('sha256', bareKey).update(payload).digest(); });
  expect(cpuMs(() => sealer.contentHash(payload))).toBeLessThan(4 * bare);
  expect(cpuMs((i) => sealer.open({ ...at, row: String(i) }, sealer.seal({ ...at, row: String(i) }, payload)))).toBeLessThan(30 * bare);
});

/** Processor milliseconds of 10,000 calls; the least of three, since neighbours cost caches. */
const cpuMs = (work: (i: number) => unknown): number => Math.min(...[1, 2, 3].map(() => once(work)));

function once(work: (i: number) => unknown): number {
  for (let i = 0; i < 1_000; i += 1) work(i);
  const before = process.cpuUsage();
  for (let i = 0; i < 10_000; i += 1) work(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
