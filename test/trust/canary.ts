// Secrets that nobody else has, and the forms in which one could lie where it must not.
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A secret and its halves, in plain and as an encoder makes of them at any place in a text. */
export function formsOf(secret: string): string[] {
  const half = Math.floor(secret.length / 2);
  const forms = [secret, secret.slice(0, half), secret.slice(half)].flatMap((part) => {
    const hex = Buffer.from(part).toString('hex'), base64 = [0, 1, 2].map((shift) => base64Behind(shift, Buffer.from(part)));
    return [part, encodeURIComponent(part), hex, hex.toUpperCase(), ...base64, ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
  });
  return [...new Set([...forms, secret.toLowerCase()])];
}

/** Eight bits a byte, six a character: what stands before shifts them by none, one or two bytes. The characters that hold nothing but bits of these bytes. */
const base64Behind = (shift: number, bytes: Buffer): string =>
  Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(Math.ceil(8 * shift / 6), Math.floor(8 * (shift + bytes.length) / 6));

export interface Canary { name: string; secret: string }
/** `before`: what stands before it in the sink. */
export interface Hit { canary: string; sink: string; before: string }

/** Where a form of a canary stands in the bytes of a sink. One pass for all forms: there are hundreds, and gigabytes to look through. */
export function hitsIn(sink: string, bytes: Buffer, canaries: readonly Canary[]): Hit[] {
  const byStart = new Map<number, { name: string; form: Buffer }[]>(), starts = new Uint8Array(65_536);
  for (const { name, secret } of canaries) {
    for (const form of formsOf(secret).map((text) => Buffer.from(text, 'latin1'))) {
      const start = form.readUInt16BE();
      starts[start] = 1;
      byStart.set(start, [...byStart.get(start) ?? [], { name, form }]);
    }
  }
  const hits: Hit[] = [];
  for (let at = 0, pair = bytes[0] ?? 0; at < bytes.length - 1; at += 1) {
    pair = (pair << 8 | (bytes[at + 1] ?? 0)) & 0xffff;
    if (starts[pair] !== 1) continue;
    for (const { name, form } of byStart.get(pair) ?? []) {
      if (at + form.length <= bytes.length && form.compare(bytes, at, at + form.length) === 0) hits.push({ canary: name, sink, before: bytes.toString('latin1', Math.max(0, at - 120), at) });
    }
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
