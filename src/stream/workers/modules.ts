/** From the URLs of modules to what they can render: a plugin as default export, or bare `ops` and `batchOps`. */
import { addPlugin, type BatchOp, batchOps, type Op, ops, pluginIn } from '../../augment/index.js';
import { messageOf, type Registry, UsageError } from '../../core/index.js';
import { withEverywhere } from './worker-modules.js';

export interface Registries {
  readonly ops: Registry<Op>;
  readonly batchOps: Registry<BatchOp>;
  /** Names of the ops that modules brought. */
  readonly foreign: ReadonlySet<string>;
}

/** All built-in operations, and those of these modules and of the process. */
export async function registriesOf(modules: readonly string[] = []): Promise<Registries> {
  const all = { ops: ops(), batchOps: batchOps() };
  const own = new Set(all.ops.names());
  for (const url of withEverywhere(modules).modules) {
    const module = await load(url);
    if ('default' in module) {
      addPlugin(pluginIn(module, url), all.ops, all.batchOps);
      continue;
    }
    for (const op of module.ops ?? []) all.ops.add(op);
    for (const op of module.batchOps ?? []) all.batchOps.add(op);
  }
  return { ...all, foreign: new Set(all.ops.names().filter((name) => !own.has(name))) };
}

interface Module {
  readonly default?: unknown;
  readonly ops?: readonly Op[];
  readonly batchOps?: readonly BatchOp[];
}

async function load(url: string): Promise<Module> {
  try {
    return await import(url);
  } catch (error) {
    const reason = messageOf(error).split('\n')[0];
    throw new UsageError(
      `batch: modules: '${url}' cannot be loaded (${reason}); check the URL and the module`,
    );
  }
}
