// Turns what went wrong into something a page can show: the API's problem, or our own when no answer came.
import type { Problem, Upstream } from './types';

export class ProblemError extends Error {
  constructor(readonly problem: Problem) { super(problem.detail); this.name = 'ProblemError'; }
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

export function readProblem(body: unknown, status: number): Problem {
  const { code, title, detail, traceId, errors, upstream, type: _type, instance: _instance, status: _status, ...data } = record(body);
  const listed = Array.isArray(errors) ? errors.map(record) : [];
  return {
    code: text(code) ?? `http.${status}`, title: text(title) ?? 'The request did not succeed', status,
    detail: text(detail) ?? text(title) ?? `Keyrack answered with status ${status}.`, traceId: text(traceId),
    errors: listed.map((error) => ({ pointer: text(error['pointer']) ?? '', detail: text(error['detail']) ?? 'cannot be used' })),
    upstream: upstream === undefined || upstream === null ? null : readUpstream(upstream), data,
  };
}

function readUpstream(value: unknown): Upstream {
  const from = record(value);
  return { status: typeof from['status'] === 'number' ? from['status'] : null, requestId: text(from['requestId']), message: text(from['message']) };
}

export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { code: 'keyrack.unreachable', title: 'Keyrack did not answer', status: 0, detail: 'The request did not reach Keyrack, or its answer was lost on the way.', traceId: null, errors: [], upstream: null, data: {} };
}

/** The complaint about one input: pointer `/clientTokens/0/clientToken` is found by its last name or in full. */
export function fieldError(problem: Problem | null, field: string): string | undefined {
  const plain = (pointer: string) => pointer.replace(/^[#/]+/, '');
  return problem?.errors.find(({ pointer }) => plain(pointer) === field || plain(pointer).split('/').at(-1) === field)?.detail;
}

const nextSteps: Record<string, string> = {
  'keyrack.unreachable': 'Check that Keyrack is running and that you are online, then try again.',
  'access_token.rejected': 'Check that the whole token was pasted, that it was made for this application, and that the environment is right. A token of the demo environment never works on production.',
  'access_token.duplicate': 'Open it under Access tokens; to replace its text use Rotate there.',
  'access_token.unavailable': 'Use a token that was made for this customer alone, or ask the platform operator.',
  'access_token.reach_shrinks': 'Ask for a token that opens all of these properties, or disconnect them first.',
  'access_token.not_active': 'Enable the token, or rotate it when Mews no longer accepts it.',
  'application.no_client_token': 'Add the ClientToken of this environment under Applications.',
  'environment.address_refused': 'Use the https address of the Mews platform.',
  'mews.unreachable': 'Check the platform address of the environment and the network of this server, then try again. Nothing was saved.',
  'mews.failed': 'This is on the side of Mews. Try again in a minute; give their support the RequestId if it stays.',
  'mews.throttled': 'Wait for the budget of this token to free up; background syncs use it too.',
  'mews.unauthorized': 'Three things can be wrong: the ClientToken of the application, this AccessToken, or a permission that the property has not granted. Verify the token; if that succeeds, it is the permission.',
  'mews.bad_request': 'Mews did not take what Keyrack asked. Retry; if it stays, this is a defect: report it with the RequestId.',
  'mews.forbidden': 'The property has not granted this permission, or the token does not cover it. Ask the property to change it in Mews.',
  'mews.rejected': 'Read the message of Mews below; it names the value that it did not take.',
  'access_link.not_found': 'Ask whoever sent it for a new one.',
  'auth.forbidden': 'Ask an owner of this tenant, or an administrator of the platform, for a role that allows it.',
  'secret.unreadable': 'This is on the side of Keyrack: ask whoever runs it. The audit trail names the place under secret.refused.',
  'run.wrong_state': 'Reload: the run has moved on since this page was drawn.',
  internal: 'Try again; if it stays, look for the trace id in the log of Keyrack.',
};

/** What to do about it, when there is more to say than the detail does. */
export const nextStep = (code: string): string | undefined => nextSteps[code];
