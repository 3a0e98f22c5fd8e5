// Suites that need more than npm brings. `npm test` provides it where it can; where it cannot, they are skipped and counted as skipped.
import { describe } from '@jest/globals';

export const redisUrl: string | undefined = process.env['KEYRACK_TEST_REDIS'];
export const chromiumPath: string | undefined = process.env['KEYRACK_TEST_CHROMIUM'];

export const describeWithRedis = redisUrl === undefined ? describe.skip : describe;
export const describeWithBrowser = chromiumPath === undefined ? describe.skip : describe;
