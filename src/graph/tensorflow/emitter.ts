/** Collects the TensorFlow operations of one function. */
import { checkNumber } from '../check-number.js';
import { exactKey } from '../exact-key.js';
import { isUniform, type Known, type Numbers, sizesAt, type Value } from '../graph.js';
import { tensor, type, typeOf, uniform } from './attributes.js';
import type { AttributeDef, NodeDef, TensorFlowType } from './schema.js';

/** Constants up to this size are compared and stored once. */
const SMALL = 64;

export type Settings = Readonly<Record<string, AttributeDef>>;

export class Emitter {
  readonly nodes: NodeDef[] = [];
  /** Values by the tensors that hold them: 'step/7' is the first output of a node, 'step/7:1' the second. */
  private readonly named = new Map<Value, string>();
  private readonly constants = new Map<Value, Numbers>();
  /** Operations that are there already, by all that they depend on. */
  private readonly same = new Map<string, string>();
  /** Tensors that are one number repeated, and the tensor of that number. */
  private readonly repeated = new Map<string, string>();
  private readonly byName = new Map<string, NodeDef>();
  private count = 0;

  /** `prefix`: of the names of all nodes; each function has its own. */
  constructor(
    private readonly prefix: string,
    known: readonly Known[],
  ) {
    for (const { value, data } of known) this.constants.set(value, data);
  }

  /** The tensor that holds a value. */
  take(value: Value): string {
    const name = this.named.get(value);
    if (name !== undefined) return name;
    const data = this.constants.get(value);
    if (!data) throw new Error(`tensorflow: '${value.name}' is used before it is there`);
    const constant = this.constant(typeOf(value), sizesAt(value.shape, 0), data);
    this.named.set(value, constant);
    return constant;
  }

  give(value: Value, name: string): void {
    this.named.set(value, name);
  }

  /** Says that a tensor is one number, that of another tensor of size 1, again and again. */
  repeats(name: string, number: string): string {
    if (name !== number) this.repeated.set(name, this.numberIn(number) ?? number);
    return name;
  }

  /** The number that a tensor repeats, where that is known. */
  numberIn(name: string): string | undefined {
    return this.repeated.get(name);
  }

  /** The same operation on the same tensors is one node: all that rules write are pure functions. */
  op(op: string, input: readonly string[], settings: Settings = {}): string {
    const key = `${op} ${input} ${exactKey(settings)}`;
    const there = this.same.get(key);
    if (there !== undefined) return there;
    const name = this.node(op, input, settings);
    this.same.set(key, name);
    return name;
  }

  /** A node of its own, also where there is another like it. */
  node(
    op: string,
    input: readonly string[],
    settings: Settings,
    name = `${this.prefix}/${++this.count}`,
  ): string {
    const attr = Object.entries(settings).map(([key, value]) => ({ key, value }));
    const made = { name, op, input, attr };
    this.nodes.push(made);
    this.byName.set(name, made);
    return name;
  }

  /** The node that a tensor comes from. */
  made(tensor: string): NodeDef {
    const output = tensor.lastIndexOf(':');
    return this.byName.get(output < 0 ? tensor : tensor.slice(0, output)) as NodeDef;
  }

  constant(dtype: TensorFlowType, sizes: readonly number[], data: Numbers): string {
    if (data.length > SMALL && isUniform(data))
      return this.op('Const', [], { dtype: type(dtype), value: uniform(dtype, sizes, data[0]) });
    const settings = { dtype: type(dtype), value: tensor(dtype, sizes, data) };
    if (data.length > SMALL) return this.node('Const', [], settings);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
    const key = `Const ${dtype} ${sizes} ${bytes}`;
    const there = this.same.get(key);
    if (there !== undefined) return there;
    const name = this.node('Const', [], settings);
    this.same.set(key, name);
    return name;
  }

  scalar(dtype: TensorFlowType, number: number): string {
    return this.constant(dtype, [], numberOf(dtype, number));
  }

  /** int32 [n], or of the sizes given: axes, shapes, paddings. */
  integers(list: readonly number[], sizes: readonly number[] = [list.length]): string {
    return this.constant('int32', sizes, Int32Array.from(list));
  }
}

function numberOf(dtype: TensorFlowType, number: number): Numbers {
  checkNumber('tensorflow', dtype, number);
  if (dtype === 'float32') return Float32Array.of(number);
  return dtype === 'int32' ? Int32Array.of(number) : Uint8Array.of(number);
}
