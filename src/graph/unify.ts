/**
 * Two recordings of one function, for two batch sizes b₁ and b₂, made into one graph with the batch left open.
 * A size that is k·b₁ in one and k·b₂ in the other is k·B; one that is the same in both is itself; anything
 * else depends on the batch in a way that a graph cannot hold, and is refused.
 */
import { RxaugError, show } from '../core/index.js';
import {
  type Attribute,
  type Graph,
  hasBatch,
  type Known,
  type Node,
  type Size,
  type Value,
} from './graph.js';

export function unify(first: Graph, second: Graph, b1: number, b2: number): Graph {
  const pairs = new Map<Value, Value>(); // of the first recording → the same with its batch open
  const partners = new Map<Value, Value>(); // of the first → of the second

  const size = (a: Attribute | undefined, b: Attribute | undefined, where: string): Attribute => {
    if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
      return a.map((inner, i) => size(inner, b[i], where));
    }
    if (Object.is(a, b)) return a as Attribute;
    if (typeof a === 'number' && typeof b === 'number' && a / b1 === b / b2 && Number.isInteger(a / b1)) {
      return { batch: a / b1 };
    }
    throw new RxaugError(
      `trace: ${where} is ${show(a)} for a batch of ${b1} and ${show(b)} for one of ${b2}; make it a multiple of the batch size, or trace with a fixed one`,
    );
  };
  const pair = (a: Value, b: Value, where: string): Value => {
    if (a.dtype !== b.dtype || a.shape.length !== b.shape.length) throw otherCourse(b1, b2);
    const shape = a.shape.map((side, i) => size(side, b.shape[i], `a size of ${where}`) as Size);
    const value = { ...a, shape };
    pairs.set(a, value);
    partners.set(a, b);
    return value;
  };
  const paired = (a: Value | undefined, b: Value | undefined): Value => {
    if (!a || partners.get(a) !== b) throw otherCourse(b1, b2);
    return pairs.get(a) as Value;
  };

  if (first.nodes.length !== second.nodes.length || first.constants.length !== second.constants.length) {
    throw otherCourse(b1, b2);
  }
  const inputs = first.inputs.map((value, i) => pair(value, second.inputs[i], value.name));
  const params = first.params.map((known, i) => ({
    ...known,
    value: pair(known.value, second.params[i].value, known.value.name),
  }));
  const constants: Known[] = [];
  const fills: Node[] = [];
  first.constants.forEach((known, i) => {
    const other = second.constants[i];
    const value = pair(known.value, other.value, 'a constant');
    if (!hasBatch(value.shape)) {
      if (!known.data.every((x, at) => Object.is(x, other.data[at]))) throw otherConstant(b1, b2);
      constants.push({ ...known, value });
      return;
    }
    const [number] = known.data;
    if (![...known.data, ...other.data].every((x) => Object.is(x, number))) throw otherConstant(b1, b2);
    // Zeros or ones, as many as there are samples: tfjs makes such in gradients without a kernel.
    fills.push({
      op: 'Fill',
      inputs: {},
      attributes: { shape: value.shape, value: number, dtype: value.dtype },
      outputs: [value],
    });
  });
  const nodes = first.nodes.map((node, i): Node => {
    const other = second.nodes[i];
    const keys = Object.keys(node.inputs);
    if (node.op !== other.op || keys.length !== Object.keys(other.inputs).length) throw otherCourse(b1, b2);
    if (Object.keys(node.attributes).join() !== Object.keys(other.attributes).join())
      throw otherCourse(b1, b2);
    return {
      op: node.op,
      inputs: Object.fromEntries(keys.map((key) => [key, paired(node.inputs[key], other.inputs[key])])),
      attributes: Object.fromEntries(
        Object.entries(node.attributes).map(([key, value]) => [
          key,
          size(value, other.attributes[key], `${node.op}.${key}`),
        ]),
      ),
      outputs: node.outputs.map((value, at) => pair(value, other.outputs[at], `what ${node.op} gives`)),
    };
  });
  const outputs = Object.fromEntries(
    Object.entries(first.outputs).map(([name, value]) => [name, paired(value, second.outputs[name])]),
  );
  return { inputs, params, constants, nodes: [...fills, ...nodes], outputs };
}

function otherCourse(b1: number, b2: number): RxaugError {
  return new RxaugError(
    `trace: the function computes something else for a batch of ${b1} than for one of ${b2}; trace with a fixed batch size`,
  );
}

function otherConstant(b1: number, b2: number): RxaugError {
  return new RxaugError(
    `trace: a constant has other numbers for a batch of ${b1} than for one of ${b2}; compute it from the inputs, or trace with a fixed batch size`,
  );
}
