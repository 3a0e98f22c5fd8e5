// The one door to the API: same origin, session cookie, the CSRF token on whatever changes something.
import createClient from 'openapi-fetch';
import type { paths } from './schema';
import { ProblemError, readProblem } from './problem';
import type { Session } from './types';

let csrfToken = '', whose = '';
/** Kept in memory only: a page that is loaded again asks for its session again. */
export function rememberSession(session: Session): void { [csrfToken, whose] = [session.csrfToken, session.user.id]; }

const signedOut = new EventTarget();
/** Calls back when the API says that the session has ended. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.addEventListener('signed-out', listener);
  return () => signedOut.removeEventListener('signed-out', listener);
}

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin', headers: { Accept: 'application/json' }, fetch: send });

api.use({
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-Keyrack-CSRF', csrfToken);
    return request;
  },
});

/** After a new password in another tab the session goes on with another CSRF token: asks for it and once more. Where somebody else has signed in there, the refusal stands. */
async function send(request: Request): Promise<Response> {
  const again = request.clone(), response = await fetch(request);
  if (response.status !== 403 || readProblem(jsonOf(await response.clone().text()), 403).code !== 'auth.csrf') return response;
  const { data: session } = await api.GET('/v1/session');
  if (session?.user.id !== whose) return response;
  rememberSession(session);
  again.headers.set('X-Keyrack-CSRF', csrfToken);
  return fetch(again);
}

interface Answered<Answer> { data?: Answer; error?: unknown; response: Response }

/** The answer's data, or a ProblemError. Lists can also be had as text (CSV), but not through here. */
export async function answer<Answer>(call: Promise<Answered<Answer>>): Promise<Exclude<Answer, string>> {
  const { data, error, response } = await call;
  if (response.ok) return data as Exclude<Answer, string>;
  const problem = readProblem(error, response.status);
  if (problem.status === 401 && problem.code === 'auth.required') signedOut.dispatchEvent(new Event('signed-out'));
  throw new ProblemError(problem);
}

/** A list as CSV. @param path below the API's origin @throws ProblemError */
export async function csvOf(path: string, query: Readonly<Record<string, string | number | boolean | undefined>>): Promise<string> {
  const asked = new URLSearchParams(Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
  const response = await fetch(`${path}?${asked.toString()}`, { credentials: 'same-origin', headers: { Accept: 'text/csv' } });
  const text = await response.text();
  if (response.ok) return text;
  const problem = readProblem(jsonOf(text), response.status);
  if (problem.status === 401 && problem.code === 'auth.required') signedOut.dispatchEvent(new Event('signed-out'));
  throw new ProblemError(problem);
}

function jsonOf(text: string): unknown {
  try { return JSON.parse(text); } catch { return undefined; }
}
