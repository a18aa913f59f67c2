import { z } from 'zod';
import { Draws, expected, fold, keyOf, parseOptions, tag, UsageError } from '../core/index.js';
import { tidyGraph } from './clean.js';
import type { Graph } from './graph.js';
import { record, type Tensors } from './record.js';
import { exportsOfTf, tf } from './tf.js';
import { unify } from './unify.js';

/** Two primes: no size is a multiple of the batch by chance. Not 1, which broadcasts. */
const BATCHES = [3, 5] as const;

const inputSchema = z.strictObject({
  name: z.string().min(1),
  /** null is the batch, at most once in a shape. */
  shape: z.array(z.int().min(0).nullable()).refine((shape) => shape.filter((s) => s === null).length < 2, {
    message: 'expected at most one null, the batch',
  }),
  dtype: z.enum(['float32', 'int32', 'bool']).default('float32'),
});

type Input = z.output<typeof inputSchema>;

/** Options of `traceFunction`. */
export interface TraceOptions {
  readonly inputs: readonly z.input<typeof inputSchema>[];
  /** Tensors that keep their names in the graph; others that `f` uses become constants. The caller disposes them. */
  readonly params?: Tensors;
  /** 'standard': operations see only the kernels that tfjs-core names, and take their composite for the others. */
  readonly kernels?: 'all' | 'standard';
}

interface ParsedOptions extends Required<TraceOptions> {
  readonly inputs: readonly Input[];
}

/** Asks for the class when a tensor is checked: a module that loads must not load TensorFlow.js. */
const tensorSchema = z.custom<tf.Tensor>((value) => value instanceof tf.Tensor, 'expected a tensor');

const optionsSchema: z.ZodType<ParsedOptions, TraceOptions> = z.strictObject({
  inputs: z.array(inputSchema),
  params: z.record(z.string(), tensorSchema).default({}),
  kernels: z.enum(['all', 'standard']).default('all'),
});

/**
 * Records what a function computes, as a graph. The function runs on the current backend: once if all sizes are fixed,
 * twice with two batch sizes if one is open (`null` in an input's shape). Every kernel that it calls becomes a node,
 * whether it belongs to a forward pass, to gradients or to an optimizer.
 *
 * @param f receives the inputs by name and must compute with tensors only; returns a tensor, or tensors by name
 * @param options `inputs` (`{ name, shape, dtype }`, dtype default 'float32'), `params` (tensors that keep their names;
 * all others become constants), `kernels` ('standard' uses only the kernels that tfjs-core names; default 'all')
 * @throws UsageError for bad options or results; RxaugError if the function reads numbers, or its steps depend on the batch
 * size in a way that a graph cannot express
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * graph.nodes.map(({ op }) => op) // → ['Relu']
 */
export function traceFunction(f: (inputs: Tensors) => tf.Tensor | Tensors, options: TraceOptions): Graph {
  const { inputs, params, kernels } = parseOptions('trace', optionsSchema, options);
  const hides = kernels === 'standard' ? isNotStandard : undefined;
  const run = (batch: number): Graph => {
    const tensors = Object.fromEntries(inputs.map((input) => [input.name, exampleOf(input, batch)]));
    try {
      let graph: Graph | undefined;
      tf.tidy(() => {
        graph = record(() => check(f(tensors)), tensors, params, hides);
      });
      return graph as Graph;
    } finally {
      tf.dispose(tensors);
    }
  };
  const names = inputs.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new UsageError(expected('trace', 'inputs of different names', twice));
  const open = inputs.some(({ shape }) => shape.includes(null));
  const [b1, b2] = BATCHES;
  return tidyGraph(open ? unify(run(b1), run(b2), b1, b2) : run(0));
}

/** The names that tfjs-core exports for its kernels: `tf.Conv2D` is 'Conv2D'. */
const namesOfKernels = (): ReadonlySet<string> =>
  new Set(Object.values(exportsOfTf()).filter((value): value is string => typeof value === 'string'));

let standardKernels: ReadonlySet<string> | undefined;

function isNotStandard(kernel: string): boolean {
  standardKernels ??= namesOfKernels();
  return !standardKernels.has(kernel);
}

/** Example values: small and all different, to avoid divisions by 0 and apparent constants; indices are 0. */
function exampleOf({ name, shape, dtype }: Input, batch: number): tf.Tensor {
  const sizes = shape.map((side) => side ?? batch);
  if (dtype !== 'float32') return tf.zeros(sizes, dtype);
  const draws = new Draws(fold(keyOf(0), tag(name)));
  return tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(sizes) }, () => draws.uniform()),
    sizes,
  );
}

function check(result: unknown): tf.Tensor | Tensors {
  if (result instanceof tf.Tensor) return result;
  const tensors = Object.values((result ?? {}) as object);
  if (tensors.length > 0 && tensors.every((tensor) => tensor instanceof tf.Tensor)) return result as Tensors;
  throw new UsageError(expected('trace', 'a tensor, or tensors by name, from the function', result));
}
