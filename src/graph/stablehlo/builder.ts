/**
 * Writes the body of a function line by line. Every operation is pure, so the same text gives the same result and is
 * written once.
 */
import { isUniform, type Numbers } from '../graph.js';
import { denseText, isFew, splatText } from './literal.js';
import { type Element, type Hlo, sameShape, type TensorType, typeText } from './types.js';

/** How products of matrices and convolutions are computed: see `StableHloOptions`. */
export type Precision = 'float32' | 'tensorfloat32' | 'bfloat16';

export type Direction = 'EQ' | 'NE' | 'GE' | 'GT' | 'LE' | 'LT';

/** Operations that a reduction may be made of. */
export type Combine = 'add' | 'multiply' | 'maximum' | 'minimum' | 'and' | 'or';

export class Builder {
  readonly lines: string[] = [];
  private readonly written = new Map<string, Hlo>();

  constructor(readonly precision: Precision = 'float32') {}

  /** A line `%7 = text`, or the result of the same line before. */
  line(text: string, { shape, type }: TensorType): Hlo {
    const before = this.written.get(text);
    if (before) return before;
    const hlo: Hlo = { id: `%${this.lines.length}`, shape, type };
    this.lines.push(`${hlo.id} = ${text}`);
    this.written.set(text, hlo);
    return hlo;
  }

  /** A line that gives several results, which are '%7#0', '%7#1', …. */
  several(text: string, results: readonly TensorType[]): Hlo[] {
    const id = `%${this.lines.length}`;
    this.lines.push(`${id}:${results.length} = ${text}`);
    return results.map(({ shape, type }, i) => ({ id: `${id}#${i}`, shape, type }));
  }

  /** An operation whose operands and result have one type. */
  same(name: string, first: Hlo, ...rest: readonly Hlo[]): Hlo {
    const ids = [first, ...rest].map(({ id }) => id).join(', ');
    return this.line(`stablehlo.${name} ${ids} : ${typeText(first)}`, first);
  }

  /** An operation with a type of its own; `settings` come after the operands. */
  op(name: string, operands: readonly Hlo[], settings: string, result: TensorType): Hlo {
    const ids = operands.map(({ id }) => id).join(', ');
    const more = settings === '' ? '' : `, ${settings}`;
    return this.line(`stablehlo.${name} ${ids}${more} : ${signature(operands, result)}`, result);
  }

  splat(value: number, type: TensorType): Hlo {
    return this.line(`stablehlo.constant ${splatText(value, type)}`, type);
  }

  scalar(value: number, type: Element = 'f32'): Hlo {
    return this.splat(value, { shape: [], type });
  }

  /** The number everywhere in the shape of `x`. */
  like(x: TensorType, value: number): Hlo {
    return this.splat(value, { shape: x.shape, type: x.type });
  }

  constant(data: Numbers | readonly number[], type: TensorType): Hlo {
    if (type.type === 'i1' && !isFew(data) && !isUniform(data)) {
      const bytes = this.constant(data, { ...type, type: 'ui8' });
      return this.compare('NE', bytes, this.like(bytes, 0));
    }
    return this.line(`stablehlo.constant ${denseText(data, type)}`, type);
  }

  convert(x: Hlo, type: Element): Hlo {
    if (x.type === type) return x;
    // Whatever is not 0 is true, NaN too.
    if (type === 'i1') return this.compare('NE', x, this.like(x, 0));
    return this.op('convert', [x], '', { shape: x.shape, type });
  }

  compare(direction: Direction, a: Hlo, b: Hlo): Hlo {
    const kind = a.type === 'f32' || a.type === 'bf16' ? 'FLOAT' : a.type === 'i32' ? 'SIGNED' : 'UNSIGNED';
    const result: TensorType = { shape: a.shape, type: 'i1' };
    const text = `stablehlo.compare ${direction}, ${a.id}, ${b.id}, ${kind} : ${signature([a, b], result)}`;
    return this.line(text, result);
  }

  select(which: Hlo, yes: Hlo, no: Hlo): Hlo {
    const types = `${typeText(which)}, ${typeText(yes)}`;
    return this.line(`stablehlo.select ${which.id}, ${yes.id}, ${no.id} : ${types}`, yes);
  }

  reshape(x: Hlo, shape: readonly number[]): Hlo {
    return sameShape(x.shape, shape) ? x : this.op('reshape', [x], '', { shape, type: x.type });
  }

  /** Axis i of `x` becomes axis `dims[i]`; sides of 1 and axes that are new repeat what is there. */
  broadcast(x: Hlo, shape: readonly number[], dims: readonly number[]): Hlo {
    return this.op('broadcast_in_dim', [x], `dims = ${list(dims)}`, { shape, type: x.type });
  }

  /** Broadcasting as in NumPy: axes are matched from the last one. */
  spread(x: Hlo, shape: readonly number[]): Hlo {
    if (sameShape(x.shape, shape)) return x;
    const dims = x.shape.map((_, axis) => axis + shape.length - x.shape.length);
    return this.broadcast(x, shape, dims);
  }

  transpose(x: Hlo, perm: readonly number[]): Hlo {
    if (perm.every((axis, i) => axis === i)) return x;
    const shape = perm.map((axis) => x.shape[axis]);
    return this.op('transpose', [x], `dims = ${list(perm)}`, { shape, type: x.type });
  }

  reverse(x: Hlo, dims: readonly number[]): Hlo {
    if (dims.length === 0) return x;
    return this.line(`stablehlo.reverse ${x.id}, dims = ${list(dims)} : ${typeText(x)}`, x);
  }

  /** From `begin` to before `end` by `steps`, each with an entry an axis. */
  slice(x: Hlo, begin: readonly number[], end: readonly number[], steps = begin.map(() => 1)): Hlo {
    const shape = begin.map((at, i) => Math.max(0, Math.ceil((end[i] - at) / steps[i])));
    if (sameShape(shape, x.shape)) return x;
    const ranges = begin.map((at, i) => `${at}:${end[i]}${steps[i] === 1 ? '' : `:${steps[i]}`}`);
    const result: TensorType = { shape, type: x.type };
    return this.line(`stablehlo.slice ${x.id} [${ranges.join(', ')}] : ${signature([x], result)}`, result);
  }

  /** Adds numbers at the ends of each axis, or cuts there if negative, and `interior` between neighbors. */
  pad(
    x: Hlo,
    value: number,
    low: readonly number[],
    high: readonly number[],
    interior: readonly number[] = low.map(() => 0),
  ): Hlo {
    if ([...low, ...high, ...interior].every((width) => width === 0)) return x;
    const shape = x.shape.map((side, i) => low[i] + high[i] + side + Math.max(0, side - 1) * interior[i]);
    const widths = `low = ${list(low)}, high = ${list(high)}, interior = ${list(interior)}`;
    return this.op('pad', [x, this.scalar(value, x.type)], widths, { shape, type: x.type });
  }

  concat(parts: readonly Hlo[], axis: number): Hlo {
    if (parts.length === 1) return parts[0];
    const side = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
    const shape = parts[0].shape.map((own, i) => (i === axis ? side : own));
    return this.op('concatenate', parts, `dim = ${axis}`, { shape, type: parts[0].type });
  }

  /** 0, 1, … along an axis. */
  iota(shape: readonly number[], axis: number, type: Element): Hlo {
    const result: TensorType = { shape, type };
    return this.line(`stablehlo.iota dim = ${axis} : ${typeText(result)}`, result);
  }

  /** Without the axes. The combination begins at `initial`, its neutral element. */
  reduce(x: Hlo, combine: Combine, initial: number, axes: readonly number[]): Hlo {
    if (axes.length === 0) return x;
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    const first = this.scalar(initial, x.type);
    const result: TensorType = { shape, type: x.type };
    const how = `applies stablehlo.${combine} across dimensions = ${list(axes)}`;
    return this.line(
      `stablehlo.reduce(${x.id} init: ${first.id}) ${how} : ${signature([x, first], result)}`,
      result,
    );
  }

  /** Sums, axes kept with side 1. */
  sumKept(x: Hlo, axes: readonly number[]): Hlo {
    const kept = x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
    return this.reshape(this.reduce(x, 'add', 0, axes), kept);
  }

  /** A number times each. */
  scaled(x: Hlo, factor: number): Hlo {
    return this.same('multiply', x, this.like(x, factor));
  }
}

export const list = (numbers: readonly number[]): string => `[${numbers.join(', ')}]`;

/** `array<i64: 1, 2>`, as generic operations want it. */
export const arrayText = (numbers: readonly number[]): string =>
  numbers.length === 0 ? 'array<i64>' : `array<i64: ${numbers.join(', ')}>`;

/** A number for each axis at both ends, as generic operations want it. */
export function pairsText(pairs: readonly (readonly [number, number])[]): string {
  const rows = pairs.map(([low, high]) => `[${low}, ${high}]`).join(', ');
  return `dense<[${rows}]> : tensor<${pairs.length}x2xi64>`;
}

export const signature = (operands: readonly TensorType[], result: TensorType): string =>
  `(${operands.map(typeText).join(', ')}) -> ${typeText(result)}`;
