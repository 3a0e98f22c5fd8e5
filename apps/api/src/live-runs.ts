// Tells open pages which runs changed: one look a second per tenant that somebody watches.
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { secondMs, type TenantActor, type TenantId } from '@keyrack/core';
import { Runs, type RunView } from '@keyrack/sync';

const LOOK_EVERY_MS = secondMs;
const WATCHED_RUNS = 200;

type Listener = (runs: RunView[]) => void;
interface Watch { listeners: Set<Listener>; known: Map<string, string>; timer: NodeJS.Timeout }

@Injectable()
export class LiveRuns implements OnModuleDestroy {
  readonly #watches = new Map<TenantId, Watch>();

  constructor(@Inject(Runs) private readonly runs: Runs) {}

  /** Calls the listener with the newest runs, then with those that changed. Returns how to stop. */
  watch(me: TenantActor, listener: Listener): () => void {
    const watch = this.#watches.get(me.tenantId) ?? this.#open(me);
    watch.listeners.add(listener);
    void this.#newest(me).then(listener, () => undefined);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0) this.#close(me.tenantId, watch);
    };
  }

  onModuleDestroy(): void { for (const [tenantId, watch] of this.#watches) this.#close(tenantId, watch); }

  #open(me: TenantActor): Watch {
    const watch: Watch = { listeners: new Set(), known: new Map(), timer: setInterval(() => void this.#look(me, watch), LOOK_EVERY_MS) };
    this.#watches.set(me.tenantId, watch);
    return watch;
  }

  #close(tenantId: TenantId, watch: Watch): void {
    clearInterval(watch.timer);
    this.#watches.delete(tenantId);
  }

  async #newest(me: TenantActor): Promise<RunView[]> {
    return (await this.runs.list(me, { limit: WATCHED_RUNS, state: undefined, cursor: undefined })).items;
  }

  async #look(me: TenantActor, watch: Watch): Promise<void> {
    const runs = await this.#newest(me).catch((): RunView[] => []);
    const changed = runs.filter((run) => watch.known.get(run.id) !== JSON.stringify(run));
    if (changed.length === 0) return;
    watch.known = new Map(runs.map((run) => [run.id, JSON.stringify(run)]));
    for (const listener of watch.listeners) listener(changed);
  }
}
