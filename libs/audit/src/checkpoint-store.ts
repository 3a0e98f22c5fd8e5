// Where checkpoints are kept, outside the database: a folder with a file for each month, or the standard output for whoever collects it.
import { open, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@keyrack/core';

const FILE = /^\d{4}-\d{2}\.jsonl$/;

export interface CheckpointStore {
  /** Whether `lines` gives back what was appended. */
  readonly isReadable: boolean;
  append(lines: readonly string[]): Promise<void>;
  /**
   * Lines that were appended, oldest first; none where none were written yet, or where they went to the standard output.
   * @throws AppError `audit.checkpoints_unreadable`
   */
  lines(): AsyncIterable<string>;
}

/** @param where a folder, `stdout`, or nothing: then none are kept */
export function checkpointStore(where: string | undefined): CheckpointStore {
  if (where === undefined) return { isReadable: false, append: async () => undefined, lines: none };
  return where === 'stdout' ? { isReadable: false, append: async (lines) => { process.stdout.write(textOf(lines)); }, lines: none } : new CheckpointFolder(where);
}

class CheckpointFolder implements CheckpointStore {
  readonly isReadable = true;

  constructor(private readonly folder: string) {}

  async append(lines: readonly string[]): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o750 });
    const file = await open(join(this.folder, `${new Date().toISOString().slice(0, 7)}.jsonl`), 'a+', 0o640);
    try {
      // A crash may have cut the last line short: what follows it on the same line would be lost with it.
      const { size } = await file.stat(), { buffer: end } = await file.read(Buffer.from('\n'), 0, 1, Math.max(size - 1, 0));
      const text = Buffer.from(`${end.toString() === '\n' ? '' : '\n'}${textOf(lines)}`);
      const { bytesWritten } = await file.write(text);   // one write: those of several processes do not mix
      if (bytesWritten < text.length) throw new Error(`the checkpoints were written in part, ${bytesWritten} bytes of ${text.length}: is the disk full?`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async *lines(): AsyncIterable<string> {
    const names = await readdir(this.folder).catch((error: unknown) => codeOf(error) === 'ENOENT' ? [] : refuse(error));
    for (const name of names.filter((one) => FILE.test(one)).sort()) {
      try {
        yield* (await open(join(this.folder, name))).readLines();
      } catch (error) {
        refuse(error);
      }
    }
  }
}

async function* none(): AsyncIterable<string> { /* nothing was kept where it could be read */ }

const codeOf = (error: unknown): string => typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';

/** A trail that is held against nothing must not pass for one that is in order. */
function refuse(cause: unknown): never {
  throw new AppError('audit.checkpoints_unreadable', { detail: `The checkpoints of KEYRACK_AUDIT_CHECKPOINTS cannot be read (${codeOf(cause)}): the audit trail cannot be held against them`, cause });
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
