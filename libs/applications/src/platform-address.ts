// Decides which addresses an environment may have. Tokens are sent there: only https, and nothing inside our own network.
import { isIP } from 'node:net';
import { isPublicAddress } from '@keyrack/core';

export interface AddressRule {
  protocols: readonly string[];
  /** Lets private and loopback addresses pass, for a sandbox on the same machine. */
  allowPrivate: boolean;
}

export type AddressVerdict = { kind: 'allowed'; address: string } | { kind: 'refused'; detail: string };

/** `address` is the origin without a slash at its end: paths of operations are appended to it. */
export function judgeAddress(text: string, { protocols, allowPrivate }: AddressRule): AddressVerdict {
  const refused = (detail: string): AddressVerdict => ({ kind: 'refused', detail });
  if (!URL.canParse(text)) return refused(`must be an address such as ${protocols[0] ?? ''}//api.mews.com`);
  const url = new URL(text);
  if (!protocols.includes(url.protocol)) return refused(`must begin with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
  if (url.username !== '' || url.password !== '') return refused('must not hold a user name or password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) return refused('must be a host only, without a path: /api/connector/v1 is added');
  if (!allowPrivate && !isPublicHost(url.hostname)) return refused('must be a public host: set KEYRACK_ALLOW_HTTP_PLATFORM=true to allow private addresses');
  return { kind: 'allowed', address: `${url.protocol}//${url.host}` };
}

/** The URL parser has already turned decimal, octal and hexadecimal forms of IPv4 addresses into dotted ones. */
function isPublicHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !/(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|home\.arpa)$/.test(host);
}
