// SQL as tagged templates: every `${value}` becomes a parameter, every nested sql`` is spliced in. No string ever joins a query.

/** A piece of SQL with its parameters. Make it with the tag `sql`. */
export class Sql {
  constructor(readonly strings: readonly string[], readonly values: readonly unknown[]) {}

  /** The text with `$1, $2, ...` and the parameters, as the driver takes them. */
  toQuery(): { text: string; values: unknown[] } {
    const values: unknown[] = [];
    return { text: this.#render(values), values };
  }

  #render(values: unknown[]): string {
    return this.strings.reduce((text, piece, i) => {
      const value = this.values[i - 1];
      if (value instanceof Sql) return text + value.#render(values) + piece;
      values.push(value);
      return `${text}$${values.length}${piece}`;
    });
  }
}

export const sql = (strings: TemplateStringsArray, ...values: unknown[]): Sql => new Sql(strings, values);

/** Joins conditions with `and`; no condition is `true`. Undefined entries are left out, so optional filters read as a list. */
export function allOf(conditions: readonly (Sql | undefined)[]): Sql {
  const present = conditions.filter((condition) => condition !== undefined);
  return present.length === 0 ? sql`true` : present.reduce((all, next) => sql`${all} and ${next}`);
}
