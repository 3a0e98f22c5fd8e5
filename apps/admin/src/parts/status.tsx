// The one vocabulary of states: an icon and a word each, colour only beside them. Running is not a success, queued is not green.
import { IconAlertTriangle, IconBan, IconCircleCheck, IconCircleDashed, IconCircleX, IconClockHour4, IconEyeExclamation, IconHourglassHigh, IconLoader2, IconPlayerPause, IconPlugConnected, IconPlugConnectedX, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Freshness as FreshnessValue, Run, RunState, TokenStatus } from '../api/types';
import { runStates } from '../search';
import { duration, roughly } from './format';
import { useTicking } from './time';
import classes from './status.module.css';

export type Tone = 'ok' | 'bad' | 'warn' | 'busy' | 'idle';

export function Status({ tone, icon: Mark, spin, children }: { tone: Tone; icon: Icon; spin?: boolean; children: ReactNode }) {
  return <span className={classes.status} data-tone={tone}><Mark size={16} stroke={1.9} aria-hidden className={spin ? classes.spin : undefined} /><span>{children}</span></span>;
}

const runs: Record<RunState, { tone: Tone; icon: Icon; text: string; spin?: boolean }> = {
  queued: { tone: 'idle', icon: IconClockHour4, text: 'Queued' },
  running: { tone: 'busy', icon: IconLoader2, text: 'Running', spin: true },
  waiting: { tone: 'warn', icon: IconHourglassHigh, text: 'Waiting' },
  succeeded: { tone: 'ok', icon: IconCircleCheck, text: 'Succeeded' },
  failed: { tone: 'bad', icon: IconCircleX, text: 'Failed' },
  cancelled: { tone: 'idle', icon: IconBan, text: 'Cancelled' },
  needs_review: { tone: 'warn', icon: IconEyeExclamation, text: 'Needs review' },
};
export const runStateText = (state: RunState): string => runs[state].text;

export function RunStatus({ state }: { state: string }) {
  const known = runStates.find((one) => one === state);
  if (!known) return <Status tone="idle" icon={IconCircleDashed}>{state}</Status>;
  const { text, ...rest } = runs[known];
  return <Status {...rest}>{text}</Status>;
}

const reasons = { throttled: 'Mews asked us to', budget: 'the token’s budget is spent', retry: 'then it tries again', outage: 'our database was away' } as const;
/** What it is that it waits for, where an outage of Mews may last hours. */
const outages: Record<string, string> = { 'mews.unreachable': 'Mews does not answer', 'mews.failed': 'Mews answers with errors' };

/** "Waiting 18 s, Mews asked us to": its own state, counted down. */
export function RunStatusLong({ run }: { run: Pick<Run, 'state' | 'waiting' | 'error'> }) {
  const { state, waiting } = run;
  const until = waiting?.until ? Date.parse(waiting.until) : 0;
  const left = useTicking(until > 0, (now) => (until > now ? ` ${duration(until - now)}` : ''));
  if (run.error?.code === 'collection.unavailable') return <Status tone="idle" icon={IconBan}>Not readable</Status>;
  if (state !== 'waiting') return <RunStatus state={state} />;
  if (waiting?.reason === 'paused') return <Status tone="idle" icon={IconPlayerPause}>Paused</Status>;
  return <Status tone="warn" icon={IconHourglassHigh}>{`Waiting${left}${waiting ? `, ${(waiting.reason === 'retry' && outages[run.error?.code ?? '']) || reasons[waiting.reason]}` : ''}`}</Status>;
}

const tokens: Record<TokenStatus, { tone: Tone; icon: Icon; text: string }> = {
  active: { tone: 'ok', icon: IconCircleCheck, text: 'Active' },
  invalid: { tone: 'bad', icon: IconCircleX, text: 'Refused by Mews' },
  disabled: { tone: 'idle', icon: IconPlayerPause, text: 'Disabled' },
  revoked: { tone: 'idle', icon: IconBan, text: 'Revoked' },
};
export function TokenState({ status }: { status: TokenStatus }) {
  const { text, ...rest } = tokens[status];
  return <Status {...rest}>{text}</Status>;
}

const connections: Record<string, { tone: Tone; icon: Icon; text: string }> = {
  usable: { tone: 'ok', icon: IconPlugConnected, text: 'Connected' },
  token_invalid: { tone: 'bad', icon: IconPlugConnectedX, text: 'Paused: Mews refuses the token' },
  token_disabled: { tone: 'warn', icon: IconPlayerPause, text: 'Paused: the token is disabled' },
  token_revoked: { tone: 'warn', icon: IconPlugConnectedX, text: 'Paused: the token is revoked' },
  enterprise_lost: { tone: 'bad', icon: IconPlugConnectedX, text: 'Paused: the token no longer opens it' },
};
export function ConnectionState({ connected, state }: { connected: boolean; state?: string | null }) {
  if (!connected) return <Status tone="idle" icon={IconCircleDashed}>Not connected</Status>;
  const { text, ...rest } = connections[state ?? 'usable'] ?? { tone: 'warn' as const, icon: IconPlayerPause, text: `Paused: ${String(state).replaceAll('_', ' ')}` };
  return <Status {...rest}>{text}</Status>;
}
export const pauseText = (state: string): string => connections[state]?.text ?? `Paused: ${state.replaceAll('_', ' ')}`;

const freshness: Record<FreshnessValue['state'], { tone: Tone; icon: Icon; text: string }> = {
  fresh: { tone: 'ok', icon: IconCircleCheck, text: 'Fresh' },
  stale: { tone: 'warn', icon: IconAlertTriangle, text: 'Stale' },
  never: { tone: 'idle', icon: IconCircleDashed, text: 'Never read' },
  unavailable: { tone: 'idle', icon: IconBan, text: 'Not readable' },
};
export function Freshness({ value: { state, lagSeconds } }: { value: FreshnessValue }) {
  const { text, ...rest } = freshness[state];
  return <Status {...rest}>{text}{lagSeconds !== null && <span className="muted">{`, ${roughly(lagSeconds * 1_000)} behind`}</span>}</Status>;
}
