// A stand-in for Mews: a stateful world behind the Connector API's own rules, to develop, demonstrate and test against.
import { tokenInfos, type TokenInfo } from './control.js';
import { Faults } from './faults.js';
import { RateLimit, type LimitOptions } from './rate-limit.js';
import { RequestLog } from './request-log.js';
import { createSandboxServer } from './server.js';
import { World, type WorldOptions } from './world.js';

export type { AccessToken, NewToken } from './access.js';
export type { TokenInfo } from './control.js';
export { Faults, type Effect, type Fault } from './faults.js';
export type { Profile } from './fill.js';
export type { Enterprise } from './generate-hotel.js';
export type { LimitOptions } from './rate-limit.js';
export type { Json, MewsRecord } from './record.js';
export { RequestLog, type Seen } from './request-log.js';
export { World, type WorldOptions } from './world.js';

export interface SandboxOptions extends WorldOptions {
  port?: number; host?: string;
  /** Mews' 200 requests in 30 s unless told otherwise. */
  limit?: Partial<LimitOptions>;
  /** The world goes on by itself, one moment this often. */
  liveEveryMs?: number;
}

export interface Sandbox {
  /** The PlatformAddress. */
  readonly url: string;
  readonly world: World; readonly faults: Faults; readonly log: RequestLog; readonly limit: RateLimit;
  /** All tokens that work now; the demo world's five come first. */
  readonly tokens: TokenInfo[];
  stop(): Promise<void>;
}

/** Starts a sandbox in this process; port 0 (the default) takes a free one. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = new World(options);
  const faults = new Faults();
  const log = new RequestLog();
  const limit = new RateLimit({ requests: 200, windowMs: 30_000, retryAfter: true, ...options.limit });
  const server = createSandboxServer({ world, faults, log, limit });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve); });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  const stopLife = options.liveEveryMs === undefined ? () => undefined : goOn(world, options.liveEveryMs);
  return {
    url: `http://127.0.0.1:${port}`, world, faults, log, limit,
    get tokens() { return tokenInfos(world); },
    async stop() {
      stopLife();
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); });
    },
  };
}

/** Catches up with the time the world missed, a little at a time so that requests are served meanwhile, and then keeps pace. */
function goOn(world: World, everyMs: number): () => void {
  let timer: NodeJS.Timeout;
  const step = (): void => { timer = setTimeout(step, world.catchUp(everyMs, 200) ? 5 : Math.min(everyMs, 1000)); };
  timer = setTimeout(step, everyMs);
  return () => { clearTimeout(timer); };
}
