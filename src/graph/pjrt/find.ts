/** Where plugins are: one that the environment names, and those that `rxaug setup --xla` keeps in the cache. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Kinds that set-up knows, best first. */
export const PJRT_KINDS = ['cuda13', 'cuda12', 'rocm7', 'cpu'] as const;

export interface PjrtPlugin {
  readonly file: string;
  /** `cuda13`, `cuda12`, `rocm7`, `cpu`, or `given` for one from the environment. */
  readonly kind: (typeof PJRT_KINDS)[number] | 'given';
  /** Of the package that set-up took; undefined for one that was given. */
  readonly version?: string;
}

/**
 * The plugins of this machine, in the order in which they are to be tried: the file that `RXAUG_PJRT_PLUGIN` names (whether
 * it is there or not), then accelerators from the cache, then the processor, newer versions first. Nothing is loaded.
 */
export function findPjrtPlugins(env: NodeJS.ProcessEnv = process.env): PjrtPlugin[] {
  const given = env.RXAUG_PJRT_PLUGIN;
  const kept = cacheFolders(env).flatMap((folder) => pluginsIn(path.join(folder, 'xla')));
  kept.sort((a, b) => rank(a) - rank(b) || compareVersions(b.version, a.version));
  return given ? [{ file: path.resolve(given), kind: 'given' }, ...kept] : kept;
}

/** The first of {@link findPjrtPlugins}; undefined where there is none. */
export const findPjrtPlugin = (env?: NodeJS.ProcessEnv): PjrtPlugin | undefined => findPjrtPlugins(env)[0];

const rank = ({ kind }: PjrtPlugin) => (PJRT_KINDS as readonly string[]).indexOf(kind);

/** As set-up chooses it (scripts/setup/cache.mjs): a home that cannot be written to is replaced by a folder of the clone. */
function cacheFolders(env: NodeJS.ProcessEnv): string[] {
  const home = env.RXAUG_CACHE || path.join(env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'rxaug');
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  return [path.resolve(home), path.join(root, '.rxaug', 'cache')];
}

/** What set-up writes next to a plugin. */
interface Origin {
  readonly kind: PjrtPlugin['kind'];
  readonly version: string;
  /** Relative to the folder. */
  readonly plugin: string;
}

function pluginsIn(folder: string): PjrtPlugin[] {
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    try {
      // Written last, so an entry without it is not complete.
      const origin = JSON.parse(readFileSync(path.join(folder, entry, 'origin.json'), 'utf8')) as Origin;
      const file = path.join(folder, entry, origin.plugin);
      const known = (PJRT_KINDS as readonly string[]).includes(origin.kind) && existsSync(file);
      return known ? [{ file, kind: origin.kind, version: origin.version }] : [];
    } catch {
      return [];
    }
  });
}

/**
 * The folder of CUDA's compiler (`bin/ptxas`, `nvvm/libdevice`) in the wheels next to a plugin for NVIDIA. XLA looks elsewhere
 * by itself unless a flag names it. Undefined where there is none: XLA then takes that of the system.
 */
export function cudaFolder(plugin: string): string | undefined {
  const wheels = path.resolve(path.dirname(plugin), '..', '..', 'nvidia');
  const entries = existsSync(wheels) ? readdirSync(wheels).sort() : [];
  const folders = entries.map((entry) => path.join(wheels, entry));
  return folders.find((folder) => existsSync(path.join(folder, 'nvvm', 'libdevice')));
}

function compareVersions(a = '', b = ''): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
