// A secret that is held is no text on the heap: a heap snapshot, which people send around to find leaks, must not show it.
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const secretModule = new URL('../../dist/libs/core/src/secret.js', import.meta.url).href;
/** Makes a secret of random letters that are never a string, collects what is not held, and looks for it in a snapshot. */
const look = (hold: string): string => `
  import { randomBytes } from 'node:crypto';
  import { getHeapSnapshot } from 'node:v8';
  import { Secret } from ${JSON.stringify(secretModule)};
  const letters = Buffer.from(randomBytes(40).map((byte) => 97 + byte % 26));
  const held = ${hold};
  globalThis.gc();
  const pieces = [];
  for await (const piece of getHeapSnapshot()) pieces.push(Buffer.from(piece));
  console.log(JSON.stringify({ shown: Buffer.concat(pieces).includes(letters), right: (held.reveal?.() ?? held) === letters.toString() }));`;
const found = (hold: string): unknown => JSON.parse(spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', look(hold)], { encoding: 'utf8', timeout: 60_000 }).stdout);

test('a heap snapshot shows a text that is held, and not one that a secret holds', () => {
  expect(found('letters.toString()')).toEqual({ shown: true, right: true });
  expect(found('new Secret(letters)')).toEqual({ shown: false, right: true });
}, 120_000);
