// IP addresses: whose one is, and whether it is on the internet.
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

/**
 * What one subscriber is given: an IPv4 address, or the /64 of an IPv6 address, within which its addresses cost nothing.
 * A text that is no address stands for itself; some proxies write a port behind the address.
 */
export function networkOf(written: string): string {
  const address = written.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(address) !== 6) return address.slice(0, 64);
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const [front, back] = [groups(head), groups(tail)];
  const all = tail === undefined ? front : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back];
  return `${all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** Whether an IP address is one of the internet: neither private, of this machine or link, reserved, nor one that embeds another. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !privateV4.check(address, 'ipv4');
  return isIP(address) === 6 && publicV6.check(address, 'ipv6') && !embeddingV6.check(address, 'ipv6');
}
