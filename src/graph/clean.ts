/** Simplifies a graph without changing its meaning: removes handles, unused nodes and known values. */

import { runKernel } from './evaluate.js';
import type { Graph, Known, Node, Numbers, Value } from './graph.js';
import { hasBatch } from './graph.js';
import { numbering } from './numbering.js';

/** Removes `Identity`, which tfjs calls for every second handle on a tensor, and unused nodes. */
export function tidyGraph(graph: Graph): Graph {
  const same = new Map<Value, Value>();
  const original = (value: Value): Value => same.get(value) ?? value;
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = mapValues(node.inputs, original);
    if (isIdentity(node)) same.set(node.outputs[0], Object.values(inputs)[0]);
    else nodes.push({ ...node, inputs });
  }
  return renumbered(withoutDead({ ...graph, nodes, outputs: mapValues(graph.outputs, original) }));
}

/**
 * Renames values in the order of computation: '%c1', '%c2', … for constants, '%1', '%2', … for outputs of nodes. A name that
 * an input or a parameter has is passed over.
 */
function renumbered(graph: Graph): Graph {
  const renamed = new Map<Value, Value>();
  const now = (value: Value) => renamed.get(value) ?? value;
  const named = [...graph.inputs, ...graph.params.map(({ value }) => value)];
  const taken = new Set(named.map(({ name }) => name));
  const [constant, result] = [numbering('%c', taken), numbering('%', taken)];
  for (const { value } of graph.constants) renamed.set(value, { ...value, name: constant() });
  for (const value of graph.nodes.flatMap(({ outputs }) => outputs)) {
    renamed.set(value, { ...value, name: result() });
  }
  return {
    ...graph,
    constants: graph.constants.map((known) => ({ ...known, value: now(known.value) })),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: mapValues(node.inputs, now),
      outputs: node.outputs.map(now),
    })),
    outputs: mapValues(graph.outputs, now),
  };
}

function isIdentity({ op, inputs, outputs }: Node): boolean {
  if (op === 'Identity') return true;
  const [x] = Object.values(inputs);
  if (op === 'Cast') return x.dtype === outputs[0].dtype;
  return op === 'Reshape' && JSON.stringify(x.shape) === JSON.stringify(outputs[0].shape);
}

/** Removes nodes and constants that no output depends on. Inputs and parameters stay, used or not. */
export function withoutDead(graph: Graph): Graph {
  const alive = new Set<Value>(Object.values(graph.outputs));
  const nodes = [...graph.nodes].reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some((value) => alive.has(value))) return false;
    for (const value of Object.values(inputs)) alive.add(value);
    return true;
  });
  return {
    ...graph,
    nodes: nodes.reverse(),
    constants: graph.constants.filter(({ value }) => alive.has(value)),
  };
}

/**
 * Computes on the current backend all that follows from parameters and constants alone, and makes it a constant. The
 * parameters of the result can no longer be changed: for inference. `writeOnnx` does it.
 *
 * @returns a new graph
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.mul(x, tf.add(tf.scalar(1), 2)), { inputs: [{ name: 'x', shape: [2] }] });
 * [graph.nodes.length, foldConstants(graph).nodes.length] // → [2, 1]
 */
export function foldConstants(graph: Graph): Graph {
  const known = new Map<Value, Numbers>(
    [...graph.params, ...graph.constants].map(({ value, data }) => [value, data]),
  );
  const constants: Known[] = [...graph.constants];
  const nodes = graph.nodes.filter((node) => {
    const { inputs, outputs } = node;
    const ready = Object.values(inputs).every((value) => known.has(value));
    if (!ready || outputs.some(({ shape }) => hasBatch(shape)) || RANDOM.test(node.op)) return true;
    runKernel(node, (value) => known.get(value) as Numbers).forEach((data, i) => {
      known.set(outputs[i], data);
      constants.push({ value: outputs[i], data });
    });
    return false;
  });
  const folded = withoutDead({ ...graph, nodes, constants });
  const used = new Set([
    ...folded.nodes.flatMap(({ inputs }) => Object.values(inputs)),
    ...Object.values(graph.outputs),
  ]);
  return { ...folded, params: graph.params.filter(({ value }) => used.has(value)) };
}

/** Kernels with different results every time, which cannot be folded. */
const RANDOM = /Random|Multinomial/;

function mapValues<K extends string>(
  values: Readonly<Record<K, Value>>,
  change: (value: Value) => Value,
): Record<K, Value> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, change(value as Value)]),
  ) as Record<K, Value>;
}
