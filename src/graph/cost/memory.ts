/** Memory that a graph needs for what it computes on the way, from the shapes of its tensors. */
import type { Graph, Node, Value } from '../graph.js';
import { bytesOf } from './sizes.js';

/** Kernels whose output is the memory of their input under another shape. */
const VIEWS = new Set(['ExpandDims', 'Identity', 'Reshape']);

/** The value whose memory a value is. */
function storages({ nodes }: Pick<Graph, 'nodes'>): (value: Value) => Value {
  const of = new Map<Value, Value>();
  const storage = (value: Value) => of.get(value) ?? value;
  for (const { op, inputs, outputs } of nodes) {
    if (VIEWS.has(op)) of.set(outputs[0], storage(Object.values(inputs)[0]));
  }
  return storage;
}

/**
 * The most bytes that outputs of nodes take at one time, when the nodes run in order and each tensor is freed after its
 * last use. Outputs of the graph stay to the end. Inputs, parameters and constants are not counted, nor what a kernel
 * needs while it runs; a change of shape takes nothing.
 */
export function peakBytes(graph: Graph, batch = 1): number {
  const storage = storages(graph);
  const { length } = graph.nodes;
  const lastUse = new Map<Value, number>();
  graph.nodes.forEach(({ inputs }, i) => {
    for (const value of Object.values(inputs)) lastUse.set(storage(value), i);
  });
  for (const value of Object.values(graph.outputs)) lastUse.set(storage(value), length);
  const freed = new Map<number, number>();
  let [now, peak] = [0, 0];
  graph.nodes.forEach(({ op, outputs }, i) => {
    for (const value of VIEWS.has(op) ? [] : outputs) {
      const bytes = bytesOf(value, batch);
      const last = lastUse.get(value) ?? i;
      now += bytes;
      freed.set(last, (freed.get(last) ?? 0) + bytes);
    }
    peak = Math.max(peak, now);
    now -= freed.get(i) ?? 0;
  });
  return peak;
}

/** The nodes that values are computed from. */
export function nodesBehind({ nodes }: Pick<Graph, 'nodes'>, values: readonly Value[]): Set<Node> {
  const needed = new Set<Value>(values);
  const found = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    found.add(node);
    for (const value of Object.values(node.inputs)) needed.add(value);
  }
  return found;
}

/** Bytes of what some nodes give and the others use: what a forward pass keeps for the gradient. */
export function keptBytes(graph: Graph, first: ReadonlySet<Node>, batch = 1): number {
  const storage = storages(graph);
  const made = new Set([...first].flatMap(({ op, outputs }) => (VIEWS.has(op) ? [] : outputs)));
  const kept = new Set<Value>();
  for (const node of graph.nodes) {
    if (first.has(node)) continue;
    for (const value of Object.values(node.inputs)) {
      if (made.has(storage(value))) kept.add(storage(value));
    }
  }
  return [...kept].reduce((sum, value) => sum + bytesOf(value, batch), 0);
}
