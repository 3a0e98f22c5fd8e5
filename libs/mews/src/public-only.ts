// Connects to addresses of the internet only. Decided when the name has been resolved for the connection itself: a name that was public when
// the environment was made may point into our own network later, and one that is asked twice may answer differently.
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isPublicAddress } from '@keyrack/core';

export const NOT_PUBLIC = 'KEYRACK_NOT_PUBLIC';

const refusal = (): Error => Object.assign(new Error('the host has no public address'), { code: NOT_PUBLIC });

const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, []);
    const open = found.filter(({ address }) => isPublicAddress(address)), [first] = open;
    if (!first) return callback(refusal(), []);
    if (options.all) return callback(null, open);
    callback(null, first.address, first.family);
  });
};

/** For undici's Agent. */
export function publicConnector(timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: publicLookup });
  return (options, callback) => {
    // An address is not looked up.
    if (isIP(options.hostname) !== 0 && !isPublicAddress(options.hostname)) callback(refusal(), null);
    else connect(options, callback);
  };
}
