import { expect, test } from '@jest/globals';
import { isPublicAddress, networkOf } from './address.js';

test.each([
  ['192.0.2.7', '192.0.2.7'], ['::ffff:192.0.2.7', '192.0.2.7'], ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:0DB8:1:2::', '2001:db8:1:2::/64'], ['2001:db8:1:2::ffff', '2001:db8:1:2::/64'],
  ['2001:db8::5:0:0:1', '2001:db8:0:0::/64'], ['fe80::1%eth0', 'fe80:0:0:0::/64'], ['192.0.2.7:51234', '192.0.2.7'], ['[2001:db8:1:2::3]:51234', '2001:db8:1:2::/64'], ['[::1]', '0:0:0:0::/64'], ['unknown', 'unknown'],
])('%s counts as %s', (address, network) => { expect(networkOf(address)).toBe(network); });

test.each([['8.8.8.8', true], ['2a00:1450:4001::1', true], ['10.1.2.3', false], ['169.254.169.254', false], ['127.0.0.1', false], ['::1', false], ['::ffff:8.8.8.8', false], ['fd00::1', false], ['2002:7f00:1::', false], ['localhost', false]])(
  '%s is public: %s', (address, expected) => { expect(isPublicAddress(address)).toBe(expected); });
