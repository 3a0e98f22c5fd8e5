// Lists as CSV or JSON Lines, for callers that ask for them with `Accept: text/csv` or `application/jsonl`.
import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import { stringify } from 'csv-stringify';
import type { FastifyRequest } from 'fastify';

/** Whether the caller prefers CSV to JSON. */
export const wantsCsv = ({ headers }: FastifyRequest): boolean => /^\s*text\/csv\b/i.test(headers.accept ?? '');

/** Whether the caller prefers JSON Lines to JSON. */
export const wantsJsonLines = ({ headers }: FastifyRequest): boolean => /^\s*application\/(jsonl|x-ndjson)\b/i.test(headers.accept ?? '');

/** Streams one row of JSON a line. @param name the file's name, without its ending */
export function jsonLinesOf(name: string, rows: AsyncIterable<object>): StreamableFile {
  async function* lines() { for await (const row of rows) yield `${JSON.stringify(row)}\n`; }
  return new StreamableFile(Readable.from(lines()), { type: 'application/jsonl; charset=utf-8', disposition: `attachment; filename="${name}.jsonl"` });
}

/** Where a decimal has a comma, spreadsheets begin a cell at each semicolon, in quotes too. */
const escapeLaterCells = (text: string): string => text.replaceAll(/;(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/g, ";'");

/**
 * Streams rows with a header line. Cells that a spreadsheet would run as a formula are escaped.
 * @param name the file's name, without its ending
 */
export function csvOf<Row>(name: string, columns: readonly string[], rows: AsyncIterable<Row> | Iterable<Row>, cells: (row: Row) => readonly (string | number | boolean | null)[]): StreamableFile {
  async function* lines() { for await (const row of rows) yield cells(row); }
  const csv = stringify({ header: true, columns: [...columns], escape_formulas: true, cast: { boolean: String, string: escapeLaterCells } });
  const source = Readable.from(lines());
  // Without this an error in the middle would leave the download waiting for ever.
  source.on('error', (error) => csv.destroy(error));
  return new StreamableFile(source.pipe(csv), { type: 'text/csv; charset=utf-8', disposition: `attachment; filename="${name}.csv"` });
}
