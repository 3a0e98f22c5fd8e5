// Decides which addresses an environment may have. Tokens are sent there: only https, and nothing inside our own network.
import { BlockList, isIP } from 'node:net';

const privateV4 = new BlockList();
for (const range of [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24',
  '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
]) addRange(privateV4, range, 'ipv4');

// Only 2000::/3 is routed on the internet; within it these embed or document other addresses.
const publicV6 = new BlockList();
addRange(publicV6, '2000::/3', 'ipv6');
const embeddingV6 = new BlockList();
for (const range of ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']) addRange(embeddingV6, range, 'ipv6');

function addRange(list: BlockList, range: string, family: 'ipv4' | 'ipv6'): void {
  const [net = '', prefix = ''] = range.split('/');
  list.addSubnet(net, Number(prefix), family);
}

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
  if (isIP(host) === 4) return !privateV4.check(host, 'ipv4');
  if (isIP(host) === 6) return publicV6.check(host, 'ipv6') && !embeddingV6.check(host, 'ipv6');
  return host.includes('.') && !/(^|\.)(localhost|local|internal|intranet|lan|home|corp|test|invalid|home\.arpa)$/.test(host);
}
