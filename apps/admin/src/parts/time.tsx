// Times, always with the name of their zone: UTC, the property's, or the browser's, as the address says.
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';
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

/** A text that depends on the browser's now: looked at each second, drawn again only when it has changed. */
export function useTicking(active: boolean, text: (now: number) => string): string {
  const subscribe = useCallback((changed: () => void) => {
    if (active) ticking.add(changed);
    return () => { ticking.delete(changed); };
  }, [active]);
  return useSyncExternalStore(subscribe, () => text(Math.floor(Date.now() / 1_000) * 1_000));
}

/** "4 min ago", with the full time and its zone on hover. */
export function Ago({ at, property, empty = 'never' }: TimeProps) {
  const zone = useZone(property);
  const text = useTicking(Boolean(at), (now) => {
    const ms = now - new Date(at ?? 0).getTime();
    return Math.abs(ms) < 5_000 ? 'just now' : ms < 0 ? `in ${roughly(-ms)}` : `${roughly(ms)} ago`;
  });
  if (!at) return <span className="muted">{empty}</span>;
  return <time dateTime={at} className="nowrap tabular" title={timeText(at, zone, true)}>{text}</time>;
}

/** How long something took, or has been taking. */
export function Took({ from, to }: { from: string | null | undefined; to: string | null | undefined }) {
  const text = useTicking(Boolean(from) && !to, (now) => (from ? duration((to ? new Date(to).getTime() : now) - new Date(from).getTime()) : '–'));
  return <span className={from ? 'nowrap tabular' : 'muted'}>{text}</span>;
}
