/**
 * The interface through which rules write ONNX: names for values of the graph, nodes, and constants.
 *
 * tfjs keeps images as [B, H, W, C] and ONNX convolves [B, C, H, W]. A value of four axes may therefore exist in
 * two layouts: its own, and as *images*. A rule requests the layout it needs and states the one it makes;
 * a Transpose is written only where a layout is missing, so a chain of convolutions has one at each end.
 */
import { RxaugError, show } from '../../core/index.js';
import { checkNumber } from '../check-number.js';
import { hasBatch, isOpen, type Known, type Numbers, type Size, type Value } from '../graph.js';
import {
  attributeTypes,
  dataTypes,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
} from './schema.js';

/** Numbers are integers unless wrapped in `float`. */
export type Setting = number | string | readonly number[] | { readonly float: number };
export const float = (value: number): Setting => ({ float: value });

/** Axis of [B, H, W, C] → axis of [B, C, H, W]. */
export const imageAxis = [0, 2, 3, 1] as const;
const TO_IMAGES = [0, 3, 1, 2];
const FROM_IMAGES = [0, 2, 3, 1];

export class Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  private readonly known: ReadonlyMap<Value, Numbers>;
  private readonly own = new Map<Value, string>();
  private readonly images = new Map<Value, string>();
  private readonly constants = new Map<string, string>();
  private readonly used = new Set<string>();
  private batchSize?: string;

  constructor(
    private readonly inputs: readonly Value[],
    known: readonly Known[],
    outputs: readonly string[],
  ) {
    this.known = new Map(known.map(({ value, data }) => [value, data]));
    for (const name of outputs) this.used.add(name);
    for (const value of inputs) {
      if (this.used.has(value.name)) {
        throw new RxaugError(
          `onnx: an input and an output are both called ${show(value.name)}; rename one of them`,
        );
      }
      this.used.add(value.name);
      this.own.set(value, value.name);
    }
  }

  /** Its numbers, if known. */
  numbers(value: Value): Numbers | undefined {
    return this.known.get(value);
  }

  /** A value in its own layout. */
  take(value: Value): string {
    const name = this.own.get(value);
    if (name !== undefined) return name;
    const data = this.known.get(value);
    const made = data
      ? this.tensor(value.name, value.dtype as OnnxType, sizes(value.shape), data)
      : this.op('Transpose', [this.images.get(value) as string], { perm: FROM_IMAGES });
    this.own.set(value, made);
    return made;
  }

  /**
   * A value as images, [B, C, H, W]. One of fewer axes is what broadcasts against images as it did before:
   * [C] becomes [1, C, 1, 1].
   */
  takeImages(value: Value): string {
    const name = this.images.get(value);
    if (name !== undefined) return name;
    if (value.shape.length === 0) return this.take(value);
    const four = [...Array<number>(4 - value.shape.length).fill(1), ...value.shape];
    const data = this.known.get(value);
    let made: string;
    if (data) {
      const turned = permute(data, sizes(four), TO_IMAGES);
      made = this.tensor(value.name, value.dtype as OnnxType, turned.dims, turned.data);
    } else {
      const whole = value.shape.length === 4 ? this.take(value) : this.reshape(this.take(value), four);
      made = this.op('Transpose', [whole], { perm: TO_IMAGES });
    }
    this.images.set(value, made);
    return made;
  }

  /** Whether it exists as images already. */
  hasImages(value: Value): boolean {
    return this.images.has(value);
  }

  give(value: Value, name: string): void {
    this.own.set(value, name);
  }

  giveImages(value: Value, name: string): void {
    this.images.set(value, name);
  }

  /** Writes a node and returns the name of its output. */
  op(type: string, inputs: readonly string[], settings: Readonly<Record<string, Setting>> = {}): string {
    return this.ops(type, inputs, settings, 1)[0];
  }

  /** Writes a node of several outputs. */
  ops(
    type: string,
    inputs: readonly string[],
    settings: Readonly<Record<string, Setting>>,
    outputs: number | readonly string[],
  ): string[] {
    const name = this.unused(`${type}_${this.nodes.length}`);
    const output =
      typeof outputs !== 'number'
        ? [...outputs]
        : Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : this.unused(`${name}_${i}`)));
    const attribute = Object.entries(settings).map(([key, value]) => settingOf(key, value));
    this.nodes.push({ input: inputs, output, name, opType: type, attribute });
    return output;
  }

  /** A constant; the same numbers are kept once. */
  constant(type: OnnxType, dims: readonly number[], data: ArrayLike<number>): string {
    const key = `${type} ${dims} ${Array.from(data, (x) => (Object.is(x, -0) ? '-0' : x))}`;
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.tensor(`const_${this.constants.size}`, type, dims, data);
      this.constants.set(key, name);
    }
    return name;
  }

  scalar(type: OnnxType, value: number): string {
    checkNumber('onnx', type, value);
    return this.constant(type, [], [value]);
  }

  /** A list of axes or sizes in the form that ONNX expects. */
  integers(values: readonly number[]): string {
    return this.constant('int64', [values.length], values);
  }

  /** An initializer with that name, or a similar free one. */
  tensor(name: string, type: OnnxType, dims: readonly number[], data: ArrayLike<number>): string {
    const own = this.unused(name);
    this.initializers.push({ dims, dataType: dataTypes[type], name: own, rawData: bytesOf(type, data) });
    return own;
  }

  reshape(name: string, shape: readonly Size[]): string {
    if (shape.filter(isOpen).length < 2 && !shape.includes(0)) {
      return this.op('Reshape', [name, this.integers(shape.map((size) => (isOpen(size) ? -1 : size)))]);
    }
    return this.op('Reshape', [name, this.sizes(shape)]);
  }

  /** A shape as a tensor, with the batch size of this run in it. */
  sizes(shape: readonly Size[]): string {
    if (!hasBatch(shape)) return this.integers(sizes(shape));
    const parts = shape.map((size) => {
      if (!isOpen(size)) return this.integers([size]);
      return size.batch === 1 ? this.batch() : this.op('Mul', [this.batch(), this.integers([size.batch])]);
    });
    return parts.length === 1 ? parts[0] : this.op('Concat', parts, { axis: 0 });
  }

  private batch(): string {
    if (this.batchSize === undefined) {
      const from = this.inputs.find(({ shape }) => shape.some((size) => isOpen(size) && size.batch === 1));
      const axis = from?.shape.findIndex(isOpen) ?? 0;
      const whole = this.op('Shape', [(from as Value).name]);
      this.batchSize = this.op('Slice', [whole, this.integers([axis]), this.integers([axis + 1])]);
    }
    return this.batchSize;
  }

  private unused(name: string): string {
    let free = name;
    for (let i = 1; this.used.has(free); i++) free = `${name}_${i}`;
    this.used.add(free);
    return free;
  }
}

/** The sizes of a shape that has no open one. */
export function sizes(shape: readonly Size[]): number[] {
  if (hasBatch(shape))
    throw new RxaugError('onnx: expected a fixed size but it is the batch; trace with a fixed batch');
  return shape as number[];
}

/** Numbers with their axes in another order. */
export function permute(data: Numbers, dims: readonly number[], perm: readonly number[]) {
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((product, side) => product * side, 1));
  const out = data.slice();
  const turned = perm.map((axis) => dims[axis]);
  const steps = perm.map((axis) => strides[axis]);
  const index = turned.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = data[from];
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < turned[axis]) break;
      from -= turned[axis] * steps[axis];
      index[axis] = 0;
    }
  }
  return { dims: turned, data: out };
}

function settingOf(name: string, value: Setting): OnnxAttribute {
  if (typeof value === 'number') return { name, i: value, type: attributeTypes.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: attributeTypes.string };
  if ('float' in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: value, type: attributeTypes.ints };
}

/** Little-endian, as on every machine that Node runs on. */
function bytesOf(type: OnnxType, data: ArrayLike<number>): Uint8Array {
  if (type === 'bool') return Uint8Array.from(data);
  const typed =
    type === 'int64'
      ? BigInt64Array.from(Array.from(data, BigInt))
      : type === 'int32'
        ? Int32Array.from(data)
        : Float32Array.from(data);
  return new Uint8Array(typed.buffer);
}
