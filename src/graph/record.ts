/** One run of a function, for one batch size, as a graph. */

import { RxaugError, show } from '../core/index.js';
import type { Attribute, Attributes, Graph, Known, Node, Numbers, Value } from './graph.js';
import { type Compute, type HostListener, hostTraced, type Moment } from './host.js';
import { type Call, intercept, numbersOf } from './intercept.js';
import { numbering } from './numbering.js';
import { tf } from './tf.js';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Constants up to this size are stored once, however often a function makes them. */
const SMALL = 64;

/** What a function of a moment gives besides its graph. */
export interface Recorded {
  readonly graph: Graph;
  /** Inputs of the graph after those given: numbers that the host computes. */
  readonly hosts: readonly HostInput[];
  readonly choices: readonly Choice[];
}

/** An input whose numbers are a function of the moment. */
export interface HostInput {
  readonly value: Value;
  readonly compute: Compute;
  /** Its numbers in the run that was recorded. */
  readonly seen: Numbers;
}

/** A choice that the recorded run made. */
export interface Choice {
  choose(moment: Moment): number;
  readonly choice: number;
}

export function record(
  f: () => tf.Tensor | Tensors,
  inputs: Tensors,
  params: Tensors,
  hides?: (kernel: string) => boolean,
): Graph {
  return recordAt(undefined, f, inputs, params, hides).graph;
}

/** The same for a function of a moment; see host.ts. */
export function recordAt(
  moment: Moment | undefined,
  f: () => tf.Tensor | Tensors,
  inputs: Tensors,
  params: Tensors,
  hides?: (kernel: string) => boolean,
): Recorded {
  const recorder = new Recorder();
  const taken = Object.entries(inputs).map(([name, tensor]) => recorder.name(name, tensor));
  const known = Object.entries(params).map(
    ([name, tensor]): Known => ({ value: recorder.name(name, tensor), data: numbersOf(tensor) }),
  );
  const run = () =>
    intercept({ seen: (call) => recorder.seen(call), read: (dataId) => recorder.read(dataId), hides }, f);
  const result = moment ? hostTraced(moment, recorder, run) : run();
  if (recorder.answers) {
    throw new RxaugError(
      'trace: the function reads the numbers of a tensor, and a graph would keep the answer of this one run; compute with tensors instead',
    );
  }
  const named = result instanceof tf.Tensor ? { output: result } : result;
  const outputs = Object.fromEntries(Object.entries(named).map(([key, t]) => [key, recorder.valueOf(t)]));
  const { hosts, choices, constants, nodes } = recorder;
  const all = [...taken, ...hosts.map(({ value }) => value)];
  return { graph: { inputs: all, params: known, constants, nodes, outputs }, hosts, choices };
}

class Recorder implements HostListener {
  readonly hosts: HostInput[] = [];
  readonly choices: Choice[] = [];
  readonly nodes: Node[] = [];
  readonly constants: Known[] = [];
  /** Tensors live until the run ends, except those that a `tidy` inside it frees; none comes twice. */
  private readonly values = new Map<tf.Tensor, Value>();
  /** Data that depends on the inputs of the run. */
  private readonly dependent = new WeakSet<object>();
  private readonly small = new Map<string, Value>();
  private readonly names = new Set<string>();
  private readonly unnamed = numbering('%', this.names);
  /** Whether the function has read what depends on its inputs. */
  answers = false;

  name(name: string, tensor: tf.Tensor): Value {
    if (this.names.has(name))
      throw new RxaugError(`trace: two tensors are called ${show(name)}; rename one of them`);
    this.names.add(name);
    this.dependent.add(tensor.dataId);
    return this.add(name, tensor);
  }

  made(tensor: tf.Tensor, compute: Compute): void {
    const value = this.name(`host/${this.hosts.length}`, tensor);
    this.hosts.push({ value, compute, seen: numbersOf(tensor) });
  }

  chosen(choose: Choice['choose'], choice: number): void {
    this.choices.push({ choose, choice });
  }

  seen({ kernel, inputs, attributes, outputs }: Call): void {
    const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined && tensor !== null);
    const node: Node = {
      op: kernel,
      inputs: Object.fromEntries(given.map(([key, tensor]) => [key, this.valueOf(tensor)])),
      attributes: plainAttributes(kernel, attributes),
      outputs: outputs.map((tensor) => this.add(this.unnamed(), tensor)),
    };
    this.nodes.push(node);
    if (given.some(([, { dataId }]) => this.dependent.has(dataId))) {
      for (const { dataId } of outputs) this.dependent.add(dataId);
    }
  }

  read(dataId: object): void {
    if (this.dependent.has(dataId)) this.answers = true;
  }

  /** A tensor that no kernel made and that has no name is a constant. */
  valueOf(tensor: tf.Tensor): Value {
    const value = this.values.get(tensor);
    if (value) return value;
    const { shape, dtype, size } = tensor;
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new RxaugError(`trace: expected numbers but the function uses a tensor of ${dtype}; take it out`);
    }
    const data = numbersOf(tensor);
    const key =
      size <= SMALL ? `${dtype} ${shape} ${[...data].map((x) => (Object.is(x, -0) ? '-0' : x))}` : undefined;
    const same = key === undefined ? undefined : this.small.get(key);
    if (same) {
      this.values.set(tensor, same);
      return same;
    }
    const constant = this.add(this.unnamed(), tensor);
    this.constants.push({ value: constant, data });
    if (key !== undefined) this.small.set(key, constant);
    return constant;
  }

  private add(name: string, tensor: tf.Tensor): Value {
    const value: Value = { name, shape: [...tensor.shape], dtype: tensor.dtype };
    this.values.set(tensor, value);
    return value;
  }
}

function plainAttributes(kernel: string, attributes: tf.NamedAttrMap): Attributes {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, plain(value, `${kernel}.${key}`)]));
}

function plain(value: unknown, where: string): Attribute {
  if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) return value as Attribute;
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    return Array.from(value as ArrayLike<unknown>, (inner) => plain(inner, where));
  }
  throw new RxaugError(
    `trace: expected plain JSON as ${where} but received ${Object.prototype.toString.call(value)}`,
  );
}
