// Runs the sandbox as a process: `main.js --port 4000 [--host H] [--data FILE] [--profile demo|small|big] [--seed S]`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startSandbox, type Profile } from './src/index.js';
import { isObject } from './src/record.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' }, data: { type: 'string' }, profile: { type: 'string', default: 'demo' }, seed: { type: 'string' } } });

/** Seed and birth of the world. Kept in a file, they make the same world, lived on, after a restart. */
function origin(file: string | undefined): { seed: string; epochMs: number } {
  if (file !== undefined && existsSync(file)) {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isObject(kept) || typeof kept['seed'] !== 'string' || typeof kept['epochMs'] !== 'number') throw new Error(`${file} is no sandbox data`);
    return { seed: kept['seed'], epochMs: kept['epochMs'] };
  }
  const made = { seed: values.seed ?? randomBytes(8).toString('hex'), epochMs: Date.now() };
  // The seed makes the tokens: nobody else may read it.
  if (file !== undefined) writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

function profile(name: string): Profile {
  if (name === 'demo' || name === 'small' || name === 'big') return name;
  throw new Error(`no profile ${name}: demo, small or big`);
}

const sandbox = await startSandbox({ ...origin(values.data), port: Number(values.port), host: values.host, profile: profile(values.profile), liveEveryMs: 5000 });
console.log(`sandbox listening on ${sandbox.url}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => { void sandbox.stop().then(() => { process.exit(0); }); });
// A supervisor that was killed cannot send a signal; its channel closes.
if (process.connected) process.once('disconnect', () => { process.exit(0); });
