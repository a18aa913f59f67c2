/** Makes the graph of a traced step smaller without changing what it computes: equal nodes become one, small constants are computed. */

import { withoutDead } from './clean.js';
import { runKernel } from './evaluate.js';
import { exactKey } from './exact-key.js';
import type { Graph, Known, Node, Numbers, Value } from './graph.js';
import { hasBatch } from './graph.js';

/** Constants that are folded have at most so many numbers: larger ones are cheaper to compute than to store. */
const FOLDED = 4096;

/** Kernels whose results differ from call to call. StatelessRandomUniform is a function of its seed. */
const isRandom = (op: string) => op !== 'StatelessRandomUniform' && /Random|Multinomial/.test(op);

/** Merges nodes of the same kernel, inputs and attributes, and computes what follows from constants alone. */
export function simplify(graph: Graph): Graph {
  const known = new Map<Value, Numbers>(graph.constants.map(({ value, data }) => [value, data]));
  const constants: Known[] = [...graph.constants];
  const same = new Map<Value, Value>();
  const first = new Map<string, Node>();
  const nodes: Node[] = [];
  const now = (value: Value) => same.get(value) ?? value;
  for (const given of graph.nodes) {
    const node = { ...given, inputs: mapped(given.inputs, now) };
    const key = keyOfNode(node);
    const earlier = isRandom(node.op) ? undefined : first.get(key);
    if (earlier) {
      node.outputs.forEach((value, i) => {
        same.set(value, earlier.outputs[i]);
      });
      continue;
    }
    first.set(key, node);
    if (!isFoldable(node, known)) {
      nodes.push(node);
      continue;
    }
    runKernel(node, (value) => known.get(value) as Numbers).forEach((data, i) => {
      known.set(node.outputs[i], data);
      constants.push({ value: node.outputs[i], data });
    });
  }
  return withoutDead({ ...graph, constants, nodes, outputs: mapped(graph.outputs, now) });
}

function isFoldable({ op, inputs, outputs }: Node, known: ReadonlyMap<Value, Numbers>): boolean {
  if (/Random|Multinomial/.test(op)) return false;
  return (
    Object.values(inputs).every((value) => known.has(value)) &&
    outputs.every(
      ({ shape }) => !hasBatch(shape) && (shape as number[]).reduce((n, side) => n * side, 1) <= FOLDED,
    )
  );
}

const keyOfNode = ({ op, inputs, attributes }: Node): string =>
  exactKey([op, Object.entries(inputs).map(([key, { name }]) => [key, name]), attributes]);

function mapped(
  values: Readonly<Record<string, Value>>,
  now: (value: Value) => Value,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, now(value)]));
}
