/**
 * The plugins that a pipeline or `--plugin` names: files ('./my-plugin.ts') and packages ('rxaug-plugin-lens') as
 * an import in that pipeline, or in a file of the present folder, would find them. Each is checked here, and
 * loaded again by every worker.
 */
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  addPlugin,
  batchOps,
  ops as houseOps,
  type Op,
  type Plugin,
  POLICY_NAMES,
  pluginIn,
  policiesOf,
} from '../augment/index.js';
import { messageOf, type Registry, UsageError } from '../core/index.js';
import { registriesOf } from '../stream/workers/modules.js';
import { loadEverywhere } from '../stream/workers/worker-modules.js';
import { registerLoader, resolveFrom } from './loader/register.js';

/** Names of plugins, and whose they are. */
export interface NamedPlugins {
  readonly names: readonly string[];
  /** The pipeline that names them; absent where the command line does. */
  readonly pipeline?: string;
}

/** In the order that they are named; the same one from two places counts once. The hooks of `loader/` must be in place. */
export async function loadPlugins(...named: readonly NamedPlugins[]): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  const modules: string[] = [];
  const [ops, batches] = [houseOps(), batchOps()];
  for (const { names, pipeline } of named) {
    const before = modules.length;
    for (const name of names) {
      const place = pipeline === undefined ? ON_COMMAND_LINE : inPipelineFile(pipeline);
      const url = locate(name, place);
      if (modules.indexOf(url) >= 0 && modules.indexOf(url) < before) continue;
      const plugin = pluginIn(await load(name, url, place), `plugin ${name}`);
      if (plugins.some((other) => other.name === plugin.name)) {
        throw new UsageError(`plugin '${plugin.name}' is named twice; remove one of them from ${place.list}`);
      }
      addPlugin(plugin, ops, batches);
      plugins.push(plugin);
      policiesOf(byName(plugins), POLICY_NAMES);
      modules.push(url);
    }
  }
  loadEverywhere(modules.length > 0 ? { modules, preload: PRELOAD } : { modules });
  return plugins;
}

/** What can be rendered with the plugins of `--plugin`. */
export async function opsWith(names: readonly string[]): Promise<Registry<Op>> {
  if (names.length > 0) registerLoader();
  await loadPlugins({ names });
  return (await registriesOf()).ops;
}

export const byName = (plugins: readonly Plugin[]): Readonly<Record<string, Plugin>> =>
  Object.fromEntries(plugins.map((plugin) => [plugin.name, plugin]));

/** Where plugins are named: for resolving them and for messages. */
interface Place {
  readonly from: string;
  readonly list: string;
  readonly begins: string;
  readonly where: string;
}

const inPipelineFile = (from: string): Place => ({
  from,
  list: 'plugins',
  begins: 'at the pipeline',
  where: 'next to the pipeline',
});

const ON_COMMAND_LINE: Place = {
  from: join(process.cwd(), 'here'),
  list: '--plugin',
  begins: 'in this folder',
  where: 'in this folder',
};

const PRELOAD = new URL('./loader/preload.js', import.meta.url).href;

function locate(name: string, place: Place): string {
  try {
    return resolveFrom(isAbsolute(name) ? pathToFileURL(name).href : name, pathToFileURL(place.from).href);
  } catch (error) {
    throw missing(name, error, place);
  }
}

async function load(name: string, url: string, place: Place): Promise<{ default?: unknown }> {
  try {
    return await import(url);
  } catch (error) {
    const { code, url: at = url } = error as { code?: string; url?: string };
    if (code === 'ERR_MODULE_NOT_FOUND' && at === url) throw missing(name, error, place);
    throw new UsageError(
      `plugin ${name}: it cannot be loaded (${lineOf(error)}); fix it, or remove it from ${place.list}`,
      {
        cause: error,
      },
    );
  }
}

function missing(name: string, error: unknown, { begins, where }: Place): UsageError {
  let fix = `install it ${where}: npm install ${name}`;
  if (/^\.{0,2}\//.test(name)) fix = `check the path, which begins ${begins}`;
  else if (/\.[cm]?[jt]s$/.test(name)) fix = `a file is named with './' before it: ./${name}`;
  return new UsageError(`plugin ${name}: it cannot be found (${lineOf(error)}); ${fix}`, { cause: error });
}

const lineOf = (error: unknown) => messageOf(error).split('\n')[0]?.replaceAll(`${process.cwd()}/`, '');
