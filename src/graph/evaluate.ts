/** Runs a graph on the current backend, kernel by kernel. */

import { expected, UsageError } from '../core/index.js';
import { attributeAt, type Graph, isOpen, type Node, type Numbers, sizesAt, type Value } from './graph.js';
import type { Tensors } from './record.js';
import { tf } from './tf.js';

/** Computes the outputs by name, with the parameters of the graph. They belong to the surrounding tidy scope. */
export function evaluate(graph: Graph, inputs: Tensors): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const batch = batchOf(graph, inputs);
    const tensors = new Map<Value, tf.Tensor>();
    for (const value of graph.inputs) tensors.set(value, inputs[value.name]);
    for (const { value, data } of [...graph.params, ...graph.constants]) {
      tensors.set(value, tensorOf(value, data));
    }
    for (const node of graph.nodes) {
      const outputs = call(node, (value) => tensors.get(value) as tf.Tensor, batch);
      node.outputs.forEach((value, i) => {
        tensors.set(value, outputs[i]);
      });
    }
    return Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, (tensors.get(value) as tf.Tensor).clone()]),
    );
  });
}

/** Runs one node on numbers; used to fold constants. */
export function runKernel(node: Node, numbers: (value: Value) => Numbers): Numbers[] {
  return tf.tidy(() =>
    call(node, (value) => tensorOf(value, numbers(value)), 0).map(
      (tensor) => tensor.dataSync().slice() as Numbers,
    ),
  );
}

function call(
  { op, inputs, attributes }: Node,
  tensor: (value: Value) => tf.Tensor,
  batch: number,
): tf.Tensor[] {
  const given = Object.entries(inputs);
  const isList = given.length > 0 && given.every(([key]) => /^\d+$/.test(key));
  const tensors = given.map(([key, value]) => [key, tensor(value)] as const);
  const at = Object.entries(attributes).map(([key, value]) => [key, attributeAt(value, batch)]);
  const out: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(
      op,
      (isList ? tensors.map(([, t]) => t) : Object.fromEntries(tensors)) as tf.NamedTensorMap,
      Object.fromEntries(at),
    );
  return Array.isArray(out) ? out : [out];
}

const tensorOf = ({ shape, dtype }: Value, data: Numbers): tf.Tensor =>
  tf.tensor(data.slice(), sizesAt(shape, 0), dtype);

function batchOf(graph: Graph, inputs: Tensors): number {
  const missing = graph.inputs.find(({ name }) => !inputs[name]);
  if (missing) throw new UsageError(expected('evaluate', `an input '${missing.name}'`, Object.keys(inputs)));
  const open = graph.inputs.find(({ shape }) => shape.some(isOpen));
  return open ? inputs[open.name].shape[open.shape.findIndex(isOpen)] : 0;
}
