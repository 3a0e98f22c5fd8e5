// Where checkpoints are kept, outside the database: a folder with a file for each month, or the standard output for whoever collects it.
import { open, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createReadStream } from 'node:fs';

const FILE = /^\d{4}-\d{2}\.jsonl$/;

export interface CheckpointStore {
  append(lines: readonly string[]): Promise<void>;
  /** Lines that were appended, oldest first; none where they cannot be read back. */
  lines(): AsyncIterable<string>;
}

/** @param where a folder, `stdout`, or nothing: then none are kept */
export function checkpointStore(where: string | undefined): CheckpointStore {
  if (where === undefined) return { append: async () => undefined, lines: none };
  return where === 'stdout' ? { append: async (lines) => { process.stdout.write(textOf(lines)); }, lines: none } : new CheckpointFolder(where);
}

class CheckpointFolder implements CheckpointStore {
  constructor(private readonly folder: string) {}

  async append(lines: readonly string[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o750 });
    const file = await open(join(this.folder, `${new Date().toISOString().slice(0, 7)}.jsonl`), 'a', 0o640);
    try {
      await file.write(textOf(lines));   // one write: those of several processes do not mix
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async *lines(): AsyncIterable<string> {
    const names = await readdir(this.folder).catch(() => []);
    for (const name of names.filter((one) => FILE.test(one)).sort()) yield* createInterface({ input: createReadStream(join(this.folder, name)) });
  }
}

async function* none(): AsyncIterable<string> { /* nothing was kept where it could be read */ }

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
