// The HTTP API as the seeding and the progress display use it: the same door as everybody's.
import { z } from 'zod';
import type { Secret } from '@keyrack/core';
import { Problem } from '../problem.js';

const TIMEOUT_MS = 60_000;

/** The API refused. */
export class ApiError extends Problem {
  constructor(what: string, readonly status: number, readonly code: string | undefined, detail: string) {
    super(`${what} answered ${status}${code ? ` ${code}` : ''}: ${detail}`);
  }
}

export class ApiClient {
  constructor(private readonly url: string, private readonly key: Secret, private readonly signal: AbortSignal) {}

  get<T extends z.ZodType>(path: string, answer: T): Promise<z.infer<T>> { return this.#call('GET', path, undefined, answer); }
  post<T extends z.ZodType>(path: string, body: unknown, answer: T): Promise<z.infer<T>> { return this.#call('POST', path, body, answer); }

  async put(path: string, body: unknown): Promise<void> { await this.#call('PUT', path, body, z.unknown()); }

  /** Every item of a list, page by page. */
  async all<T extends z.ZodType>(path: string, item: T): Promise<z.infer<T>[]> {
    const page = z.object({ items: z.array(item), nextCursor: z.string().nullish() });
    const items: z.infer<T>[] = [];
    let cursor: string | null | undefined;
    do {
      const answer = await this.get(`${path}${path.includes('?') ? '&' : '?'}limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`, page);
      items.push(...answer.items);
      cursor = answer.nextCursor;
    } while (cursor);
    return items;
  }

  async #call<T extends z.ZodType>(method: string, path: string, body: unknown, answer: T): Promise<z.infer<T>> {
    const response = await fetch(this.url + path, {
      method, signal: AbortSignal.any([this.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      headers: { authorization: `Bearer ${this.key.reveal()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = parse(text);
    if (!response.ok) {
      const told = typeof json === 'object' && json !== null ? json as Record<string, unknown> : {};
      const errors = Array.isArray(told['errors']) ? ` ${JSON.stringify(told['errors'])}` : '';
      throw new ApiError(`${method} ${path}`, response.status, typeof told['code'] === 'string' ? told['code'] : undefined, `${typeof told['detail'] === 'string' ? told['detail'] : text.slice(0, 200)}${errors}`);
    }
    const read = answer.safeParse(json);
    if (!read.success) throw new Problem(`${method} ${path} answered in an unexpected form: ${read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
    return read.data;
  }
}

function parse(text: string): unknown {
  try { return JSON.parse(text); } catch { return undefined; }
}
