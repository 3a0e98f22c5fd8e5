// Reads a file of AccessTokens: what each line asks for, or what is wrong with it. No database, no Mews.
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { AppError, type EnvironmentId, type Secret } from '@keyrack/core';
import { mask } from '@keyrack/mews';
import { accessToken, environment, label } from './access-tokens.schemas.js';

export const importColumns = ['access_token', 'environment', 'application', 'label'] as const;
const LINES_MAX = 10_000;

/** `line` counts from 1, the header; `application` is an id or a name. */
export interface ImportLine { line: number; accessToken: Secret; environment: EnvironmentId; application: string; label: string | null }
export interface BadLine { line: number; environment: string; detail: string }

const row = z.object({
  access_token: accessToken, environment,
  application: z.string({ error: 'is missing: give the id or the name of an application' }).trim().min(1, 'is empty: give the id or the name of an application').max(200, 'is too long'),
  label,
});
const parsed = z.array(z.object({ record: z.record(z.string(), z.string().optional()), info: z.object({ lines: z.int() }) }));

/** @throws AppError `request.invalid` when the file as a whole cannot be read: no header, an unknown column, nothing in it, too much */
export function readImport(text: string): { lines: ImportLine[]; bad: BadLine[] } {
  const records = recordsOf(text);
  if (records.length === 0) throw refused('has no line below its header: put one AccessToken on each');
  if (records.length > LINES_MAX) throw refused(`has ${records.length} lines: import at most ${LINES_MAX} at a time`);
  const lines: ImportLine[] = [], bad: BadLine[] = [], seen = new Map<string, number>();
  for (const { record, info: { lines: line } } of records) {
    const checked = row.safeParse(record);
    const twin = checked.success ? seen.get(`${checked.data.environment} ${checked.data.access_token.reveal()}`) : undefined;
    // One comma too many moves a token into a column that is shown and stored as it is.
    const misplaced = importColumns.find((column) => column !== 'access_token' && withoutTokens(record[column]) !== (record[column] ?? ''));
    if (misplaced !== undefined) bad.push({ line, environment: withoutTokens(record['environment']), detail: `${misplaced} has an AccessToken in it: is a column missing, or a comma not in quotes?` });
    else if (!checked.success) bad.push({ line, environment: record['environment'] ?? '', detail: checked.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ') });
    else if (twin !== undefined) bad.push({ line, environment: checked.data.environment, detail: `access_token is the same as in line ${twin}: leave one of them out` });
    else {
      seen.set(`${checked.data.environment} ${checked.data.access_token.reveal()}`, line);
      lines.push({ line, accessToken: checked.data.access_token, environment: checked.data.environment, application: checked.data.application, label: checked.data.label || null });
    }
  }
  return { lines, bad };
}

const withoutTokens = (text = ''): string => mask(text, []);

function recordsOf(text: string): z.infer<typeof parsed> {
  let header: string[] = [];
  try {
    const records: unknown = parse(text, {
      bom: true, trim: true, skip_empty_lines: true, info: true, relax_column_count: true, max_record_size: 10_000,
      columns: (names: string[]) => { header = names; return names; },
    });
    const unknown = header.filter((name) => !(importColumns as readonly string[]).includes(name));
    // Names only where they can be no token: a file without a header has one in their place.
    if (unknown.length > 0 || header.length === 0) throw refused(`must begin with the header ${importColumns.join(',')}${unknown.some((name) => !/^[a-z_ ]{1,30}$/i.test(name)) || unknown.length === 0 ? '' : `; it has ${unknown.join(', ')}`}`);
    const missing = importColumns.filter((name) => name !== 'label' && !header.includes(name));
    if (missing.length > 0) throw refused(`has no column ${missing.join(', ')}: its header must be ${importColumns.join(',')}`);
    return parsed.parse(records);
  } catch (error) {
    // The parser's own message may repeat what is in the file.
    throw error instanceof AppError ? error : refused('is not CSV: a quote is not closed, or a line is far too long');
  }
}

const refused = (detail: string): AppError => new AppError('request.invalid', { errors: [{ pointer: '', detail: `the file ${detail}` }] });
