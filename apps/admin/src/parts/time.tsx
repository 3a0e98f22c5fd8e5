// Times, always with the name of their zone: UTC, the property's, or the browser's, as the address says.
import { Tooltip } from '@mantine/core';
import { createContext, useContext, useEffect, useState } from 'react';
import { duration, roughly } from './format';

export type Zone = 'utc' | 'property' | 'browser';
export const ZoneContext = createContext<Zone>('utc');
/** The time zone of the property that a part of a page is about. */
export const PropertyZone = createContext<string | null>(null);

const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const formats = new Map<string, Intl.DateTimeFormat>();
function format(zone: string, seconds: boolean): Intl.DateTimeFormat {
  const key = `${zone} ${seconds}`;
  let made = formats.get(key);
  if (!made) {
    const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short', ...(seconds ? { second: '2-digit' } : {}) };
    try { made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone }); } catch { made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }); }
    formats.set(key, made);
  }
  return made;
}

const withoutYear = new RegExp(` ${new Date().getFullYear()}(?=,| )`);
export function timeText(at: string, zone: string, seconds = false): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : format(zone, seconds).format(date).replace(withoutYear, '').replace(',', '').replace(' at ', ' ');
}

function useZone(property: string | null | undefined): string {
  const zone = useContext(ZoneContext), around = useContext(PropertyZone);
  if (zone === 'browser') return browserZone;
  return zone === 'property' ? (property ?? around ?? 'UTC') : 'UTC';
}

interface TimeProps { at: string | null | undefined; /** IANA zone of the property it belongs to. */ property?: string | null; empty?: string; seconds?: boolean }

export function Time({ at, property, empty = 'never', seconds = false }: TimeProps) {
  const zone = useZone(property);
  if (!at) return <span className="muted">{empty}</span>;
  return <time dateTime={at} className="nowrap tabular" title={timeText(at, 'UTC', true)}>{timeText(at, zone, seconds)}</time>;
}

const ticking = new Set<() => void>();
setInterval(() => { for (const tick of ticking) tick(); }, 1_000);
/** The browser's now, fresh each second while somebody looks. */
export function useNow(active = true): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return undefined;
    const tick = () => setNow(Date.now());
    ticking.add(tick);
    return () => { ticking.delete(tick); };
  }, [active]);
  return now;
}

/** "4 min ago", with the full time and its zone on hover and focus. */
export function Ago({ at, property, empty = 'never' }: TimeProps) {
  const zone = useZone(property), now = useNow(Boolean(at));
  if (!at) return <span className="muted">{empty}</span>;
  const ms = now - new Date(at).getTime();
  const text = Math.abs(ms) < 5_000 ? 'just now' : ms < 0 ? `in ${roughly(-ms)}` : `${roughly(ms)} ago`;
  return <Tooltip label={timeText(at, zone, true)}><time dateTime={at} className="nowrap tabular">{text}</time></Tooltip>;
}

/** How long something took, or has been taking. */
export function Took({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const now = useNow(Boolean(from) && !to);
  if (!from) return <span className="muted">–</span>;
  return <span className="nowrap tabular">{duration((to ? new Date(to).getTime() : now) - new Date(from).getTime())}</span>;
}
