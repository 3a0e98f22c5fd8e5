// What processes use, as Linux tells it under /proc.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Whether this machine tells. */
export const tellsUsage = existsSync('/proc/self/stat');

const statOf = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
const sumMs = (ticks) => ticks.reduce((sum, one) => sum + Number(one) * 10, 0);
/** User and system time, which Linux tells in hundredths of a second. */
export const cpuMs = (pid) => sumMs(statOf(pid).slice(11, 13));

/** The postmaster of a connection's server. */
export async function postmasterOf(owner) {
  return Number(statOf((await owner.query('select pg_backend_pid() as pid')).rows[0].pid)[1]);
}

/** Of the postmaster, its living children, and those that have ended. */
export function postgresMs(postmaster) {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => { try { return Number(statOf(pid)[1]) === postmaster; } catch { return false; } });
  return [postmaster, ...children].reduce((sum, pid) => { try { return sum + cpuMs(pid); } catch { return sum; } }, sumMs(statOf(postmaster).slice(13, 15)));
}

/** The most resident memory since `forgetPeak`, in MB. */
export const peakMb = (pid) => Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
export const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, '5');
