// keyrack keys ...: what the ring still protects, rotation with progress, and taking a key out of use.
import { closeSync, fchmodSync, fchownSync, fsyncSync, lstatSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Table from 'cli-table3';
import { sealedTokens } from '@keyrack/access-tokens';
import { sealedClientTokens } from '@keyrack/applications';
import { Audit } from '@keyrack/audit';
import { generateKey, generateKeyRing, openDatabase, Secret, systemActor, withoutKey, type Config, type Database } from '@keyrack/core';
import { checkRing, keyStatus, Refusals, retireRingKey, Rotation, Vault, type RotationProgress, type RotationResult, type SealedColumn } from '@keyrack/credentials';
import { sealedRecords } from '@keyrack/sync';
import { localConfig } from './local-config.js';
import { Problem } from './problem.js';

/** Every place where Keyrack keeps a sealed value. */
export const sealedColumns: readonly SealedColumn[] = [...sealedTokens, ...sealedClientTokens, ...sealedRecords];

const SAY_EVERY_MS = 1_000;
type Env = NodeJS.ProcessEnv;
interface Parts { config: Config; db: Database; audit: Audit; vault: Vault }

const say = (line: string): void => { process.stderr.write(`${line}\n`); };
const count = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;

/** @param name of one more key for the ring that there is; a whole new ring without it */
export function generate(name: string | undefined): void {
  process.stdout.write(`${name === undefined ? generateKeyRing() : generateKey(name)}\n`);
}

export async function status(env: Env): Promise<void> {
  await withParts(env, async ({ db, vault }) => {
    const { ringKeys, ownersWithOldKeys, rotatingSince, orphans } = await keyStatus(db, vault.ring, sealedColumns);
    const table = new Table({ head: ['ring key', 'state', 'data keys', 'values'], style: { head: [], border: [] }, colAligns: ['left', 'left', 'right', 'right'] });
    for (const { name, state, dataKeys, values } of ringKeys) table.push([name, state, dataKeys, values]);
    process.stdout.write(`${table.toString()}\n`);
    if (rotatingSince) process.stdout.write(`A rotation of data keys was begun at ${rotatingSince.toISOString()} and is not done: keyrack keys rotate --data-keys goes on with it.\n`);
    if (ownersWithOldKeys > 0) process.stdout.write(`${count(ownersWithOldKeys, 'owner')} with more than one data key.\n`);
    if (orphans > 0) process.stdout.write(`${count(orphans, 'value')} whose data key was destroyed: nothing opens them.\n`);
  });
}

/** @returns whether everything could be done */
export async function rotate(env: Env, { dataKeys }: { dataKeys: boolean }): Promise<boolean> {
  return withParts(env, async ({ db, audit, vault }) => {
    await db.onPlatform('check the key ring', (tx) => checkRing(tx, vault.ring));
    const rotation = new Rotation(db, audit, vault, sealedColumns, progressLines());
    const rewrapped = await rotation.ringKeys();
    say(`${count(rewrapped.values, 'data key')} put under the ring key "${vault.ring.currentName}".`);
    const results = [rewrapped];
    if (dataKeys) {
      const resealed = await rotation.dataKeys();
      say(`${count(resealed.values, 'value')} sealed under new data keys.`);
      results.push(resealed);
    }
    return tell(results);
  });
}

function tell(results: readonly RotationResult[]): boolean {
  const trouble = [...new Set(results.flatMap((result) => result.trouble))];
  for (const line of trouble) say(line);
  if (trouble.length === 0) say('Done. keyrack keys status shows what each ring key still protects.');
  return trouble.length === 0;
}

/**
 * Takes the key out of the ring's file too, where there is one that can be written.
 * @throws Problem before anything is changed, where the file is there that takes its place meanwhile
 */
export async function retire(env: Env, name: string): Promise<void> {
  await withParts(env, async ({ config, db, audit, vault }) => {
    const file = ringFile(config);
    refuseLeftover(file);
    await retireRingKey(db, audit, systemActor('keys.retire'), vault.ring, name);
    say(`"${name}" is retired: it wraps nothing, and can wrap nothing any more.`);
    say(takeOut(file, name)
      ? `It was taken out of ${file ?? ''}. Keep a copy of it for as long as there are backups from before the rotation.`
      : `Take it out of KEYRACK_KEYS, or of what KEYRACK_KEYS_COMMAND prints, where that is set. Keep a copy of it for as long as there are backups from before the rotation.`);
  });
}

const unfinishedOf = (file: string): string => `${file}.new`;
/** The file itself, unless it is a pipe: what took the place of a link to it would leave the key where others read it. */
const ringFile = ({ keysFile }: Config): string | undefined => keysFile !== undefined && statSync(keysFile).isFile() ? realpathSync(keysFile) : undefined;

function refuseLeftover(file: string | undefined): void {
  if (file === undefined || !lstatSync(unfinishedOf(file), { throwIfNoEntry: false })) return;
  throw new Problem(`${unfinishedOf(file)} is there already: another keyrack keys retire is at work, or one was cut off. Where none runs, remove it (it may hold keys) and run this again. Nothing was changed.`);
}

function takeOut(file: string | undefined, name: string): boolean {
  if (file === undefined) return false;
  const unfinished = unfinishedOf(file);
  let made: number | undefined;
  try {
    const { uid, gid, mode } = statSync(file);
    // Never into a file that somebody else made, or along a link: it holds the ring.
    made = openSync(unfinished, 'wx', 0o600);
    // As it is now: since this run read it, a key may have been added, and wrap data keys already.
    writeFileSync(made, `${withoutKey(new Secret(readFileSync(file, 'utf8')), name)}\n`);
    // The programs may run as somebody else than whoever runs this: they must be able to read it after it as before.
    fchownSync(made, uid, gid);
    fchmodSync(made, mode & 0o777);
    // Or the ring could be gone after a power cut: file systems may know a name before what it stands for.
    fsyncSync(made);
    renameSync(unfinished, file);
    keepName(file);
    return true;
  } catch {
    if (made !== undefined) rmSync(unfinished, { force: true });
    return false;   // a mounted secret, for example; the caller says what to do
  } finally {
    if (made !== undefined) closeSync(made);
  }
}

function keepName(file: string): void {
  if (process.platform === 'win32') return;   // which opens no folders
  const folder = openSync(dirname(file), 'r');
  try { fsyncSync(folder); } finally { closeSync(folder); }
}

function progressLines(): (progress: RotationProgress) => void {
  let said = Date.now();
  return ({ owners, of, values }) => {
    if (Date.now() - said < SAY_EVERY_MS) return;
    said = Date.now();
    say(`  ${owners.toLocaleString('en')} of ${count(of, 'owner')}, ${values.toLocaleString('en')} done`);
  };
}

async function withParts<T>(env: Env, work: (parts: Parts) => Promise<T>): Promise<T> {
  const config = localConfig(env);
  const db = await openDatabase(config.databaseUrl, config.keys, 'keyrack-keys', 4);
  const audit = new Audit(db, config), refusals = new Refusals(db, audit);
  try {
    return await work({ config, db, audit, vault: new Vault(config, refusals, audit) });
  } finally {
    await refusals.settled();
    await db.close();
  }
}
