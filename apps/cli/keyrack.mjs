#!/usr/bin/env node
// npx keyrack ...: the command; apps/cli/src/keyrack.ts compiled. In a clone it builds itself first when it is stale.
import { existsSync } from 'node:fs';

const sources = new URL('../../libs', import.meta.url);
if (existsSync(sources)) {
  const { prepareOrExit } = await import('./prepare.mjs');
  // Data goes to stdout, progress to stderr.
  await prepareOrExit(console.error);
}
const { keyrack } = await import('../../dist/apps/cli/src/keyrack.js');
process.exitCode = await keyrack(process.argv, process.env);
