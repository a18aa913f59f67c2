/**
 * Modules that every renderer of this process loads, whatever the options of `batch`: the command line sets them from
 * the plugins that a pipeline names, so its streams need not list them.
 */
export interface WorkerModules {
  /** Imported first in a worker thread: lets it import TypeScript. */
  readonly preload?: string;
  /** URLs of plugins. */
  readonly modules: readonly string[];
}

let everywhere: WorkerModules = { modules: [] };

export function loadEverywhere(modules: WorkerModules): void {
  everywhere = modules;
}

/** Those of a stream, after those of the process; each once. */
export function withEverywhere(modules: readonly string[] = []): WorkerModules {
  return { ...everywhere, modules: [...new Set([...everywhere.modules, ...modules])] };
}
