// The data folder: what the local default generates once and keeps. Every secret is a file of its own, mode 0600, and reaches the
// programs as `X_FILE`: no secret stands in a command line or in the environment of a process.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { generateKeyRing, Secret } from '@keyrack/core';
import { Problem } from '../problem.js';
import { birthMark, commandLine, findFreePort, hasCode, isAlive } from '../processes.js';

const Ports = z.object({ postgres: z.number().int().optional(), sandbox: z.number().int().optional() });
const Owner = z.object({ pid: z.number().int(), birth: z.string().nullable() });

export class DataFolder {
  readonly logs: string;

  constructor(readonly path: string) {
    const isNew = !existsSync(path);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      // As root, Postgres runs as another user, who must get through to its own folder; every file here is closed by itself.
      if (isNew && process.getuid?.() === 0) chmodSync(path, 0o711);
      this.logs = join(path, 'logs');
      mkdirSync(this.logs, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new Problem(`KEYRACK_DATA_DIR: the data folder ${path} cannot be written (${cause instanceof Error ? cause.message : String(cause)}).`, undefined, { cause });
    }
  }

  file(name: string): string { return join(this.path, name); }
  has(name: string): boolean { return existsSync(this.file(name)); }
  read(name: string): string { return readFileSync(this.file(name), 'utf8').trim(); }
  remove(name: string): void { rmSync(this.file(name), { force: true }); }

  /** Whole or not at all: a start that is killed leaves no half-written key behind. */
  write(name: string, text: string): void {
    const unfinished = this.file(`${name}.new`);
    writeFileSync(unfinished, `${text}\n`, { mode: 0o600 });
    renameSync(unfinished, this.file(name));
  }

  /** The secret of that name, made when it is not there. */
  secret(name: string, make: () => string): Secret {
    if (!this.has(name)) this.write(name, make());
    return new Secret(this.read(name));
  }

  /** The port that this folder's server of that name has, chosen once. `renew` chooses another one. */
  async port(name: 'postgres' | 'sandbox', { renew = false } = {}): Promise<number> {
    const ports = this.has('ports.json') ? Ports.parse(JSON.parse(this.read('ports.json'))) : {};
    const known = ports[name];
    if (known !== undefined && !renew) return known;
    const port = await findFreePort();
    this.write('ports.json', JSON.stringify({ ...ports, [name]: port }));
    return port;
  }

  /** Takes the folder for this process. @throws Problem when another Keyrack runs on it */
  lock(): void {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        writeFileSync(this.file('supervisor.json'), JSON.stringify({ pid: process.pid, birth: birthMark(process.pid) }), { flag: 'wx', mode: 0o600 });
        process.once('exit', () => { this.remove('supervisor.json'); });
        return;
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error;
      }
      const pid = this.#runningOwner();
      if (pid !== null) {
        throw new Problem(`Keyrack already runs on the data folder ${this.path} (process ${pid}).\n` +
          'Stop it first (Ctrl-C in its terminal), or start a second one with another KEYRACK_DATA_DIR and another KEYRACK_PORT.');
      }
      this.remove('supervisor.json');
    }
    throw new Problem(`The data folder ${this.path} could not be taken; another Keyrack seems to start on it at this moment.`);
  }

  // The same pid may belong to another program by now: the time at which it was born tells.
  #runningOwner(): number | null {
    try {
      const owner = Owner.parse(JSON.parse(this.read('supervisor.json')));
      return isAlive(owner.pid) && birthMark(owner.pid) === owner.birth && commandLine(owner.pid) !== '' ? owner.pid : null;
    } catch {
      return null;
    }
  }
}

export const newKeyRing = generateKeyRing;
export const newKey = (): string => randomBytes(24).toString('hex');
export const newPassword = (): string => randomBytes(12).toString('base64url');
