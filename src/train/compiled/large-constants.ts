/** Large constants of a step, such as the weights of a teacher, are not written into its graph. */
import { createHash } from 'node:crypto';
import { type Graph, isUniform, type Known, type Value } from '../../graph/graph.js';
import { tf } from '../../graph/tf.js';
import { CONSTANT } from './engine.js';

/** Constants with more numbers are kept by the engine, with the state. */
const LARGE = 4096;

/** The graph with large constants as inputs, named by what is in them: the graphs of one training share them. */
export function withoutLargeConstants(graph: Graph): {
  readonly graph: Graph;
  readonly constants: readonly Known[];
} {
  // Ones of the size of a batch of images, say, are written in short by every writer.
  const large = graph.constants.filter(({ data }) => data.length > LARGE && !isUniform(data));
  if (large.length === 0) return { graph, constants: [] };
  const byName = new Map<string, Known>();
  const renamed = new Map<Value, Value>();
  for (const known of large) {
    const name = nameOf(known);
    const lifted = byName.get(name) ?? { value: { ...known.value, name }, data: known.data };
    byName.set(name, lifted);
    renamed.set(known.value, lifted.value);
  }
  const now = (value: Value) => renamed.get(value) ?? value;
  const nowAll = (values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, now(value)]));
  const constants = [...byName.values()];
  return {
    constants,
    graph: {
      ...graph,
      inputs: [...graph.inputs, ...constants.map(({ value }) => value)],
      constants: graph.constants.filter(({ value }) => !renamed.has(value)),
      nodes: graph.nodes.map((node) => ({ ...node, inputs: nowAll(node.inputs) })),
      outputs: nowAll(graph.outputs),
    },
  };
}

function nameOf({ value: { dtype, shape }, data }: Known): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const digest = createHash('sha256').update(`${dtype} ${shape};`).update(bytes).digest('hex');
  return `${CONSTANT}${digest.slice(0, 32)}`;
}

/** Their tensors by name, in the surrounding tidy scope. */
export function constantTensors(constants: readonly Known[]): Record<string, tf.Tensor> {
  return Object.fromEntries(
    constants.map(({ value: { name, shape, dtype }, data }) => [
      name,
      tf.tensor(data.slice(), shape as number[], dtype),
    ]),
  );
}
