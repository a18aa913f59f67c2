/** Plugins: transforms and other parts that a module brings. */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { parseOptions, type Registry, type Sample, show, UsageError } from '../../core/index.js';
import type { SampleOperator } from '../transform/define-transform.js';
import type { BatchOp, Op } from '../transform/op.js';
import { guarded, guardedBatch } from './guard.js';
import { claim } from './owner.js';

type Named<T> = { readonly op: T };
// biome-ignore lint/suspicious/noExplicitAny: each has parameters of its own
type Functions<T> = Readonly<Record<string, (...given: any[]) => T>>;
/** What passes is passed on. */
// biome-ignore lint/suspicious/noExplicitAny: samples or batches
type Sink = (stream: Observable<any>) => Observable<any>;

/** What a plugin adds: transforms, batch transforms, and sources, sinks and policies by name. */
export interface PluginSpec {
  /** Lower-case letters, digits and '-'. */
  readonly name: string;
  /** Made by `defineTransform`. */
  readonly transforms?: readonly Named<Op>[];
  /** Made by `defineBatchTransform`. */
  readonly batchTransforms?: readonly Named<BatchOp>[];
  /** Functions that give streams of samples. */
  readonly sources?: Functions<Observable<Sample>>;
  /** Functions that write samples or batches. */
  readonly sinks?: Functions<Sink>;
  /** Functions that give operators over samples. */
  readonly policies?: Functions<SampleOperator>;
}

/** A checked plugin, as `definePlugin` returns it. */
export type Plugin = Required<PluginSpec>;

const functions = z
  .record(
    z.string().regex(/^[A-Za-z]\w*$/),
    z.custom<Functions<unknown>[string]>(isFunction, 'expected a function'),
  )
  .default({});

const schema = z.strictObject({
  name: z.custom<string>(isName, "expected lower-case letters, digits and '-', beginning with a letter"),
  transforms: z.array(z.custom<Named<Op>>(isTransform, 'expected what defineTransform gives')).default([]),
  batchTransforms: z
    .array(z.custom<Named<BatchOp>>(isBatchTransform, 'expected what defineBatchTransform gives'))
    .default([]),
  sources: functions,
  sinks: functions,
  policies: functions,
});

/**
 * Checks a plugin and fills in the parts that it leaves out. Write it as the default export of a module; pipelines
 * name the module, workers load it by its URL.
 *
 * @throws {UsageError} if the name is no plugin name, a part is not what its field expects, or a name is given
 * twice
 * @example definePlugin({ name: 'lens', policies: { gentle: () => rotate(5) } }).name // → 'lens'
 */
export function definePlugin(spec: PluginSpec): Plugin {
  const name = (spec as PluginSpec | undefined)?.name;
  const plugin = parseOptions(isName(name) ? `plugin '${name}'` : 'plugin', schema, spec) as Plugin;
  for (const kind of ['transforms', 'batchTransforms'] as const) {
    const names = plugin[kind].map(({ op }) => op.name);
    const twice = names.find((one, i) => names.indexOf(one) < i);
    if (twice)
      throw new UsageError(`plugin '${name}': ${kind}: '${twice}' is given twice; rename one of them`);
  }
  for (const { op } of [...plugin.transforms, ...plugin.batchTransforms]) claim(op, plugin.name);
  return Object.freeze(plugin);
}

/** The plugin that a module exports by default, whether or not its author called `definePlugin`. */
export function pluginIn(module: { readonly default?: unknown }, where: string): Plugin {
  const { default: value } = module;
  if (typeof value !== 'object' || value === null) {
    throw new UsageError(
      `${where}: expected a plugin as default export but received ${show(value)}; write export default definePlugin({ … })`,
    );
  }
  try {
    return definePlugin(value as PluginSpec);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${where}: ${error.message}`) : error;
  }
}

/**
 * Adds the ops of a plugin to registries, wrapped: an error in one becomes one sentence that names plugin and
 * transform.
 */
export function addPlugin(
  plugin: Pick<Plugin, 'name' | 'transforms' | 'batchTransforms'>,
  ops: Registry<Op>,
  batchOps: Registry<BatchOp>,
): void {
  const free = (registry: Registry<Op> | Registry<BatchOp>, name: string) => {
    if (!registry.has(name)) return;
    throw new UsageError(
      `plugin '${plugin.name}': the name '${name}' is already used by rxaug or by another plugin; rename the transform`,
    );
  };
  for (const { op } of plugin.transforms) {
    free(ops, op.name);
    ops.add(guarded(op));
  }
  for (const { op } of plugin.batchTransforms) {
    free(batchOps, op.name);
    batchOps.add(guardedBatch(op));
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]*$/.test(value);
}

function isTransform(value: unknown): boolean {
  const op = (value as Partial<Named<Op>> | undefined)?.op;
  return isFunction(value) && hasName(op) && isFunction(op.lower);
}

function isBatchTransform(value: unknown): boolean {
  const op = (value as Partial<Named<BatchOp>> | undefined)?.op;
  return isFunction(value) && hasName(op) && isFunction(op.apply) && isFunction(op.targets);
}

const hasName = <T extends { readonly name: string }>(op: T | undefined): op is T =>
  typeof op?.name === 'string' && /^[a-z]\w*$/.test(op.name) && 'params' in op;
