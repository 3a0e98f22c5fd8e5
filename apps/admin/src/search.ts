// Reads what pages keep in the address: unknown or wrong values count as absent, so that no link can break a page.
export type Search = Record<string, unknown>;

export const text = (value: unknown): string | undefined => {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
/** What the API refuses when it is longer. */
export const upTo = (max: number) => (value: unknown): string | undefined => {
  const read = text(value);
  return read !== undefined && read.length <= max ? read : undefined;
};
/** An id of an enterprise or a token. */
export const id = (value: unknown): string | undefined => (typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value) ? value : undefined);
export const flag = (value: unknown): boolean | undefined => (value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined);
export const oneOf = <const Value extends string>(values: readonly Value[]) => (value: unknown): Value | undefined => values.find((known) => known === value);

/** A page's search: what its readers make of the address. The router lays it over the address as it was sent, so what counts as absent is there as undefined, which no address shows. */
export const reads = <Readers extends Record<string, (value: unknown) => unknown>>(readers: Readers) => (search: Search): { [Key in keyof Readers]?: Exclude<ReturnType<Readers[Key]>, undefined> | undefined } =>
  Object.fromEntries(Object.entries(readers).map(([key, read]) => [key, read(search[key])])) as { [Key in keyof Readers]?: Exclude<ReturnType<Readers[Key]>, undefined> | undefined };

export const zones = ['utc', 'property', 'browser'] as const;
export const runStates = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'needs_review'] as const;
export const tokenStatuses = ['active', 'invalid', 'disabled', 'revoked'] as const;
export const reachStates = ['current', 'lost', 'all'] as const;
export const enterpriseTabs = ['status', 'runs', 'tokens', 'records'] as const;
export const reachViews = ['list', 'matrix', 'changes', 'overlaps', 'unused'] as const;
export const allReachViews = ['list', 'changes', 'overlaps', 'unused'] as const;
export const reachChanges = ['gained', 'lost'] as const;
export const tokenTabs = ['enterprises', 'collections', 'users'] as const;

/** A day as people pick it in a calendar; anything else counts as absent. */
export const day = (value: unknown): string | undefined => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(`${value}T00:00:00Z`).getUTCDate() === Number(value.slice(8)) ? value : undefined);
export const days = (value: unknown): number | undefined => (Number.isInteger(Number(value)) && Number(value) >= 0 && Number(value) <= 3_650 && text(value) !== undefined ? Number(value) : undefined);
export const signInProblems = ['oidc.unreachable', 'oidc.refused', 'oidc.unverified_email', 'oidc.unknown_person', 'oidc.not_configured', 'request.rate_limited'] as const;
