// Checks bodies, queries and parameters against their zod schemas and says, per value, what to change.
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { AppError, type InputError } from '@keyrack/core';

/** A body of a megabyte can be wrong in a hundred thousand places, and the answer would be ten times as long. */
const ERRORS_MAX = 100;

@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType) || type === 'custom') return value;
    const parsed = schema.safeParse(value, { error: explain });
    if (parsed.success) return parsed.data;
    const at = type === 'body' ? pointer : (path: PropertyKey[]) => [...(data === undefined ? [] : [data]), ...path].map(String).join('.');
    throw new AppError('request.invalid', { errors: parsed.error.issues.flatMap((issue) => inputErrors(issue, at)).slice(0, ERRORS_MAX) });
  }
}

type Place = (path: PropertyKey[]) => string;

/** RFC 6901. */
export const pointer: Place = (path) => path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const notKnown = (where: string): InputError => ({ pointer: where, detail: 'is not known here: remove it, or check its spelling' });

const inputErrors = (issue: z.core.$ZodIssue, at: Place): InputError[] => issue.code === 'unrecognized_keys'
  ? issue.keys.slice(0, ERRORS_MAX).map((key) => notKnown(at([...issue.path, key])))
  : [{ pointer: at(issue.path), detail: issue.message }];

/** Zod's own sentences, where a person can do better. Messages written in a schema come first. */
const explain: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return (issue.path ?? []).length === 0 ? 'is missing: send a JSON object' : 'is required';
    return `must be ${article(issue.expected)}`;
  }
  if (issue.code === 'invalid_value') return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_union' && Array.isArray(issue.options)) return `must be one of ${issue.options.join(', ')}`;
  if (issue.code === 'too_small') return sized(issue.origin, `at least ${String(issue.minimum)}`);
  if (issue.code === 'too_big') return sized(issue.origin, `at most ${String(issue.maximum)}`);
  if (issue.code === 'invalid_format' && issue.format === 'datetime') return 'must be a time such as 2030-01-31T00:00:00Z';
  return undefined;
};

const units: Record<string, string> = { string: 'characters', array: 'items' };
const sized = (origin: string, bound: string): string => (units[origin] ? `must have ${bound} ${units[origin]}` : `must be ${bound}`);

const article = (type: string): string => (type === 'int' ? 'a whole number' : `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`);
