// People for tests: invited by a platform administrator, come in by their link.
import type { Answer, Api } from './api.js';

export interface Person { email: string; name?: string; password?: string; role?: string }
export const longPassword = 'a long enough password';

/** The secret of the link that an answer holds. */
export const secretOf = (answer: Answer): string => String(answer.body.link).split('#')[1] ?? '';

/** Invites a new person to a tenant, or to the platform, and accepts. @returns the person's id */
export async function comeIn(api: Api, where: string, { email, name = email, password = longPassword, role = 'viewer' }: Person): Promise<string> {
  const invited = await api.request('POST', where === 'platform' ? '/v1/access-links' : `/v1/tenants/${where}/access-links`, { kind: 'invitation', email, role });
  if (invited.status !== 201) throw new Error(`the invitation was answered with ${invited.status}: ${JSON.stringify(invited.body)}`);
  const accepted = await api.request('POST', '/v1/access-links/redeem', { secret: secretOf(invited), name, password }, null);
  if (accepted.status !== 204) throw new Error(`the link was answered with ${accepted.status}: ${JSON.stringify(accepted.body)}`);
  const { items } = (await api.request('GET', '/v1/users?limit=500')).body;
  return items.find((user: { email: string }) => user.email === email).id;
}

/** Invites a person who has an account, and joins with it. @param renewed the password from then on, where a new one has to be chosen */
export async function join(api: Api, where: string, { email, password = longPassword, role = 'viewer' }: Person, renewed = `${password} again`): Promise<void> {
  const invited = await api.request('POST', where === 'platform' ? '/v1/access-links' : `/v1/tenants/${where}/access-links`, { kind: 'invitation', email, role });
  const { headers } = await signIn(api, email, password);
  const joined = await api.request('POST', '/v1/access-links/join', { secret: secretOf(invited), current: password, password: renewed }, null, headers);
  if (joined.status !== 204) throw new Error(`the link was answered with ${joined.status}: ${JSON.stringify(joined.body)}`);
}

export interface SignedIn { answer: Answer; cookie: string; headers: Record<string, string> }

/** Signs in; `headers` are what requests of the session carry. */
export async function signIn(api: Api, email: string, password = longPassword): Promise<SignedIn> {
  const answer = await api.request('POST', '/v1/session', { email, password }, null);
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  return { answer, cookie, headers: { cookie, 'x-keyrack-csrf': String(answer.body.csrfToken) } };
}
