// A way to Postgres or Redis that is cut by chance: before a request gets there, or after it was executed and before its answer comes back.
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { Random } from '../../apps/sandbox/src/random.js';

/** Tells of each piece that a client sends how likely it is cut. One for each connection. */
export interface Protocol {
  chance(sent: Buffer): number;
  /** Whatever the server answered last. */
  answered(received: Buffer): void;
  /** Whether that says that what was sent last was executed: it may be the answer to something before. */
  executed(received: Buffer): boolean;
}

export const saysCommitted = (received: Buffer): boolean => received.includes('COMMIT\0');

const LASTING = 0.05;
const PASSING = 0.01;
const IDLE = 'I'.charCodeAt(0);

/** What lasts is a commit, or a statement outside of a transaction: one in twenty is cut. Of the statements within, one in a hundred. */
export function postgresWay(): Protocol {
  let inTransaction = true;   // until the server is ready for the first time: a cut handshake is not what is tested here
  let connected = false;
  let commits = false;
  return {
    chance(sent) {
      const kind = String.fromCharCode(sent[0] ?? 0);
      if (!connected || !['Q', 'P', 'B'].includes(kind)) return 0;
      const text = kind === 'Q' ? sent.toString('latin1', 5, 20).toLowerCase() : '';
      commits = text.startsWith('commit');
      if (text.startsWith('begin')) return PASSING;
      return commits || !inTransaction ? LASTING : PASSING;
    },
    answered(received) {
      // ReadyForQuery ends every answer: 'Z', its length of five, and whether a transaction is open.
      if (received.length < 6 || received.at(-6) !== 'Z'.charCodeAt(0)) return;
      connected = true;
      inTransaction = received.at(-1) !== IDLE;
    },
    executed: (received) => !commits || saysCommitted(received),
  };
}

/** Every command lasts. */
export const redisWay = (): Protocol => ({ chance: () => LASTING, answered: () => undefined, executed: () => true });

export class Cuts {
  readonly counts = { requests: 0, before: 0, after: 0 };
  #armed = false;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server, private readonly target: URL, private readonly protocol: () => Protocol, private readonly random: Random) {}

  /** Opens a way to where `url` points; nothing is cut before `arm`. */
  static async open(url: string, protocol: () => Protocol, random: Random): Promise<Cuts> {
    const server = createServer({ noDelay: true });
    const cuts = new Cuts(server, new URL(url), protocol, random);
    server.on('connection', (client) => { cuts.#join(client); });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return cuts;
  }

  /** The same place by this way. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.toString();
  }

  arm(): void { this.#armed = true; }
  disarm(): void { this.#armed = false; }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.server.close(resolve); });
  }

  #join(client: Socket): void {
    const server = connect({ host: this.target.hostname, port: Number(this.target.port), noDelay: true });
    const protocol = this.protocol();
    let doomed = false;
    const cut = (): void => { client.resetAndDestroy(); server.destroy(); };
    client.on('data', (sent) => {
      const chance = this.#armed ? protocol.chance(sent) : 0;
      if (chance > 0) this.counts.requests += 1;
      if (!doomed && this.random.chance(chance)) {
        doomed = this.random.chance(0.5);
        this.counts[doomed ? 'after' : 'before'] += 1;
        if (!doomed) { cut(); return; }
      }
      server.write(sent);
    });
    server.on('data', (received) => {
      if (doomed) {
        if (protocol.executed(received)) cut();
        return;
      }
      protocol.answered(received);
      client.write(received);
    });
    for (const [socket, other] of [[client, server], [server, client]] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => { this.#sockets.delete(socket); other.destroy(); });
    }
  }
}
