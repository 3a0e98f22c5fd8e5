// Secrets that nobody else has, and the forms in which one could lie where it must not.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';

/** A secret and its halves, in plain and as an encoder makes of them at any place in a text. Bytes stand for themselves. */
export function formsOf(secret: string | Buffer): Buffer[] {
  const isText = typeof secret === 'string', whole = isText ? Buffer.from(secret) : secret, half = Math.floor(whole.length / 2);
  const forms = [whole, whole.subarray(0, half), whole.subarray(half)].flatMap((part) => {
    const hex = part.toString('hex'), base64 = [0, 1, 2].map((shift) => base64Behind(shift, part));
    return [part.toString('latin1'), ...(isText ? [encodeURIComponent(part.toString())] : []), hex, hex.toUpperCase(), ...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  });
  return [...new Set([...forms, ...(isText ? [secret.toLowerCase()] : [])])].map((text) => Buffer.from(text, 'latin1'));
}

/** Eight bits a byte, six a character: what stands before shifts them by none, one or two bytes. The characters that hold nothing but bits of these bytes. */
const base64Behind = (shift: number, bytes: Buffer): string =>
  Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(Math.ceil(8 * shift / 6), Math.floor(8 * (shift + bytes.length) / 6));

export interface Canary { name: string; secret: string | Buffer }
/** `before`: what stands before it in the sink. */
export interface Hit { canary: string; sink: string; before: string }

/**
 * Where a form of a canary stands in the bytes of a sink. One pass for all forms, since there are hundreds and gigabytes to look through: two bytes
 * tell how far on the next form can begin that has them in it (Wu and Manber).
 */
export function hitsIn(sink: string, bytes: Buffer, canaries: readonly Canary[]): Hit[] {
  const all = canaries.flatMap(({ name, secret }) => formsOf(secret).map((form) => ({ name, form })));
  const end = Math.min(...all.map(({ form }) => form.length)) - 2;
  const skips = new Uint8Array(65_536).fill(Math.min(end + 1, 255)), byEnd = new Map<number, typeof all>();
  for (const one of all) {
    for (let at = 0; at <= end; at += 1) {
      const pair = one.form.readUInt16BE(at);
      skips[pair] = Math.min(skips[pair] ?? 0, end - at);
    }
    const last = one.form.readUInt16BE(end);
    byEnd.set(last, [...byEnd.get(last) ?? [], one]);
  }
  const hits: Hit[] = [];
  for (let at = end; at < bytes.length - 1;) {
    const pair = (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0), skip = skips[pair] ?? 0, from = at - end;
    if (skip === 0) {
      for (const { name, form } of byEnd.get(pair) ?? []) {
        if (form.compare(bytes, from, Math.min(from + form.length, bytes.length)) === 0) hits.push({ canary: name, sink, before: bytes.toString('latin1', Math.max(0, from - 120), from) });
      }
    }
    at += skip || 1;
  }
  return hits;
}

/** Searches files that changed since a time (ms since 1970), as they lie on the disk. */
export async function hitsInFiles(folder: string, sinceMs: number, canaries: readonly Canary[]): Promise<{ hits: Hit[]; bytes: number }> {
  const hits: Hit[] = [];
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // A file may go away meanwhile.
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile() || found.mtimeMs < sinceMs) continue;
    let tail = Buffer.alloc(0);
    for await (const chunk of createReadStream(path, { highWaterMark: 8 << 20 })) {
      const part = Buffer.concat([tail, chunk as Buffer]);
      hits.push(...hitsIn(path, part, canaries));
      tail = part.subarray(-1_024);
      bytes += (chunk as Buffer).length;
    }
  }
  return { hits, bytes };
}

/** What Redis holds, value by value: what it dumps is compressed, and a text that stands there once is not found in it. */
export async function valuesOfRedis(store: Redis): Promise<{ name: string; text: string }[]> {
  const found: { name: string; text: string }[] = [];
  for (const key of await store.keys('*')) {
    const type = await store.type(key), read = readers[type];
    // It was gone by then.
    if (type === 'none') continue;
    if (!read) throw new Error(`${key} is of the type ${type}, which is not read`);
    found.push({ name: `redis ${type} ${key}`, text: [key, ...await read(store, key)].join('\n') });
  }
  return found;
}

const latin1 = (parts: readonly (Buffer | null)[]): string[] => parts.map((part) => part?.toString('latin1') ?? '');
const readers: Partial<Record<string, (store: Redis, key: string) => Promise<string[]>>> = {
  string: async (store, key) => latin1([await store.getBuffer(key)]),
  hash: async (store, key) => Object.entries(await store.hgetallBuffer(key)).flatMap(([field, value]) => [field, ...latin1([value])]),
  list: async (store, key) => latin1(await store.lrangeBuffer(key, 0, -1)),
  set: async (store, key) => latin1(await store.smembersBuffer(key)),
  zset: async (store, key) => latin1(await store.zrangeBuffer(key, '0', '-1')),
  stream: async (store, key) => (await store.xrangeBuffer(key, '-', '+')).flatMap((entry) => latin1(entry.flat())),
};
