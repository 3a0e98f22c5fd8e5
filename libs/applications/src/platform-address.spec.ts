// Tokens never go to plain http or into our own network unless the operator says so.
import { expect, test } from '@jest/globals';
import { judgeAddress } from './platform-address.js';

const strict = { protocols: ['https:'], allowPrivate: false };

test.each(['https://api.mews.com', 'https://api.mews-demo.com/', 'https://api.mews.com:8443', 'https://API.Mews.com', 'https://8.8.8.8', 'https://[2a00:1450:4001::1]'])('%s is allowed', (text) => {
  expect(judgeAddress(text, strict)).toMatchObject({ kind: 'allowed', address: expect.not.stringMatching(/\/$/) });
});

test.each([
  'http://api.mews.com', 'ftp://api.mews.com', 'api.mews.com', '', 'https://', 'https://user:pw@api.mews.com', 'https://api.mews.com/path', 'https://api.mews.com?x=1', 'https://api.mews.com#x',
  'https://localhost', 'https://sub.localhost', 'https://localhost.', 'https://intranet', 'https://db.internal', 'https://127.0.0.1', 'https://127.1', 'https://2130706433', 'https://0x7f.1', 'https://0177.0.0.1',
  'https://10.1.2.3', 'https://172.31.0.1', 'https://192.168.1.1', 'https://169.254.169.254', 'https://100.64.0.1', 'https://0.0.0.0', 'https://224.0.0.1', 'https://255.255.255.255',
  'https://[::1]', 'https://[::]', 'https://[::ffff:127.0.0.1]', 'https://[::ffff:8.8.8.8]', 'https://[fe80::1]', 'https://[fd00::1]', 'https://[64:ff9b::7f00:1]', 'https://[2002:7f00:1::]', 'https://[2001:db8::1]',
])('%s is refused', (text) => {
  expect(judgeAddress(text, strict)).toMatchObject({ kind: 'refused' });
});

test('http and private addresses pass where the operator allows them; a path does not', () => {
  const open = { protocols: ['https:', 'http:'], allowPrivate: true };
  expect(judgeAddress('http://127.0.0.1:4010', open)).toEqual({ kind: 'allowed', address: 'http://127.0.0.1:4010' });
  expect(judgeAddress('http://127.0.0.1:4010/x', open)).toMatchObject({ kind: 'refused' });
  expect(judgeAddress('file:///etc/passwd', open)).toMatchObject({ kind: 'refused' });
});
