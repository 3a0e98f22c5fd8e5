// npm run dev: builds what changed and starts the programs again.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './programs.js';
import type { Supervisor } from './supervisor.js';

const SETTLE_MS = 300;

export function watchSources(supervisor: Supervisor, say: (line: string) => void, signal: AbortSignal): void {
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  let programsChanged = false;
  const rebuild = async (): Promise<void> => {
    const restart = programsChanged;
    programsChanged = false;
    try {
      const { build } = await import(pathToFileURL(join(root, 'apps/cli/prepare.mjs')).href) as { build: (say: (line: string) => void) => Promise<void> };
      await build(say);
      if (restart && !signal.aborted) {
        await supervisor.restartPrograms();
        say('Restarted');
      }
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  };
  for (const folder of ['apps', 'libs', 'migrations']) {
    watch(join(root, folder), { recursive: true, signal }, (_event, name) => {
      if (!name || /(^|\/)\.|\.(spec|test)\.tsx?$|~$/.test(name)) return;
      programsChanged ||= !(folder === 'apps' && name.startsWith('admin'));
      clearTimeout(timer);
      timer = setTimeout(() => { work = work.then(rebuild); }, SETTLE_MS);
    }).on('error', () => undefined);
  }
  say('Watching the sources');
}
