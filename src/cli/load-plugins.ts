/**
 * The plugins that a pipeline names: files beside it ('./my-plugin.ts') and packages ('rxaug-plugin-lens') as
 * an import in the pipeline would find them. Each is checked here, and loaded again by every worker.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addPlugin, batchOps, ops as houseOps, type Plugin, pluginIn } from '../augment/index.js';
import { messageOf, UsageError } from '../core/index.js';
import { loadEverywhere } from '../stream/worker-modules.js';
import { resolveFrom } from './loader/register.js';

/** In the order that they are named. The hooks of `loader/` must be in place. */
export async function loadPlugins(names: readonly string[], file: string): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  const modules: string[] = [];
  const [ops, batches] = [houseOps(), batchOps()];
  for (const name of names) {
    const url = locate(name, file);
    const plugin = pluginIn(await load(name, url), `plugin ${name}`);
    if (plugins.some((other) => other.name === plugin.name)) {
      throw new UsageError(`plugin '${plugin.name}' is named twice; take one of them out of plugins`);
    }
    addPlugin(plugin, ops, batches);
    plugins.push(plugin);
    modules.push(url);
  }
  loadEverywhere(modules.length > 0 ? { modules, preload: PRELOAD } : { modules });
  return plugins;
}

const PRELOAD = new URL('./loader/preload.js', import.meta.url).href;

function locate(name: string, file: string): string {
  const from = pathToFileURL(file).href;
  try {
    return resolveFrom(isAbsolute(name) ? pathToFileURL(name).href : name, from);
  } catch (error) {
    throw missing(name, error);
  }
}

async function load(name: string, url: string): Promise<{ default?: unknown }> {
  try {
    return await import(url);
  } catch (error) {
    const { code, url: at = url } = error as { code?: string; url?: string };
    if (code === 'ERR_MODULE_NOT_FOUND' && at === url) throw missing(name, error);
    throw new UsageError(
      `plugin ${name}: it cannot be loaded (${lineOf(error)}); mend it, or take it out of plugins`,
      {
        cause: error,
      },
    );
  }
}

function missing(name: string, error: unknown): UsageError {
  const fix = /^\.{0,2}\//.test(name)
    ? 'check the path, which begins at the pipeline'
    : `install it beside the pipeline: npm install ${name}`;
  return new UsageError(`plugin ${name}: it cannot be found (${lineOf(error)}); ${fix}`, { cause: error });
}

const lineOf = (error: unknown) => messageOf(error).split('\n')[0]?.replaceAll(`${process.cwd()}/`, '');
