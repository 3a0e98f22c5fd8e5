// Holds every answer that a test receives against the OpenAPI document: what is documented is what is answered, and nothing more.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { OpenAPIObject } from '@nestjs/swagger';

export class AnswerShapes {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #compiled = new Map<string, ValidateFunction | null>();
  readonly #patterns: { pattern: RegExp; path: string }[];

  constructor(private readonly document: OpenAPIObject) {
    this.#ajv.addSchema({ $id: 'api', ...closed(document) });
    this.#patterns = Object.keys(document.paths).map((path) => ({ path, pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`) }))
      // `/preview` before `/{id}`.
      .sort((a, b) => (a.path.match(/\{/g)?.length ?? 0) - (b.path.match(/\{/g)?.length ?? 0));
  }

  /** @throws Error when the answer is not of the documented shape. */
  check(method: string, url: string, status: number, body: unknown): void {
    const path = this.#patterns.find(({ pattern }) => pattern.test(url.split('?')[0] ?? ''))?.path;
    if (path === undefined) return;
    const validate = this.#validator(path, method.toLowerCase(), String(status));
    if (validate && !validate(body)) throw new Error(`${method} ${path} ${status} is not answered as documented: ${this.#ajv.errorsText(validate.errors)}`);
  }

  #validator(path: string, method: string, status: string): ValidateFunction | null {
    const key = `${method} ${path} ${status}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const escaped = ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema'].map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const documented = Reflect.get(Reflect.get(this.document.paths, path), method)?.responses?.[status];
    if (documented === undefined) throw new Error(`${key} is not documented`);
    const made = documented.content === undefined ? null : this.#ajv.compile({ $ref: `api#/${escaped.join('/')}` });
    this.#compiled.set(key, made);
    return made;
  }
}

/** The documents lets answers grow; a test refuses members that nobody documented, since one of them could be a secret. */
function closed(value: unknown): object {
  if (Array.isArray(value)) return value.map((item) => typeof item === 'object' && item !== null ? closed(item) : item);
  const entries = Object.entries(value as object).map(([key, member]) => [key, typeof member === 'object' && member !== null ? closed(member) : member]);
  const object = Object.fromEntries(entries);
  return object.type === 'object' && object.properties && object.additionalProperties === undefined ? { ...object, additionalProperties: false } : object;
}
