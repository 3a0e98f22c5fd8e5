import { expect, test } from '@jest/globals';
import { networkOf } from './address.js';

test.each([
  ['192.0.2.7', '192.0.2.7'], ['::ffff:192.0.2.7', '192.0.2.7'], ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:0DB8:1:2::', '2001:db8:1:2::/64'], ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
  ['2001:db8::5:0:0:1', '2001:db8:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'], ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => { expect(networkOf(address)).toBe(network); });
