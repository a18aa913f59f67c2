/** Initializers. */
import { fold } from '../../core/index.js';
import { normalArray, uniformArray } from '../ops/noise.js';
import type { Initializer, ParamSpec } from './param-spec.js';

const sizeOf = ({ shape }: Pick<ParamSpec, 'shape'>) => shape.reduce((product, side) => product * side, 1);

/** The same number everywhere. */
export function constant(value: number): Initializer {
  return (_, spec) => new Float32Array(sizeOf(spec)).fill(value);
}

/** N(0, gain / fanIn). */
function normal(gain: number): Initializer {
  return (key, spec) => {
    const deviation = Math.sqrt(gain / spec.fanIn);
    return normalArray(key, sizeOf(spec)).map((z) => z * deviation);
  };
}

/** U(−b, b) of variance gain / fanIn. */
function uniform(gain: number): Initializer {
  return (key, spec) => {
    const bound = Math.sqrt((3 * gain) / spec.fanIn);
    return uniformArray(key, sizeOf(spec)).map((u) => (2 * u - 1) * bound);
  };
}

/** N(0, deviation²) for any shape. */
export function gaussian(deviation: number): Initializer {
  return (key, spec) => normalArray(key, sizeOf(spec)).map((z) => z * deviation);
}

/** The rows or the columns of [inputs, units], whichever are fewer, are orthonormal (Saxe et al., 2014). */
function orthogonal(): Initializer {
  return (key, spec) => {
    const units = spec.shape[spec.shape.length - 1] as number;
    const inputs = sizeOf(spec) / units;
    const wide = inputs < units;
    const [count, length] = wide ? [inputs, units] : [units, inputs];
    const noise = normalArray(key, count * length);
    const basis: Float64Array[] = [];
    for (let i = 0; i < count; i++) {
      const v = Float64Array.from(noise.subarray(i * length, (i + 1) * length));
      // Gram–Schmidt, twice: once is not enough in floating point.
      for (const u of [...basis, ...basis]) {
        const along = u.reduce((sum, value, j) => sum + value * v[j], 0);
        for (let j = 0; j < length; j++) v[j] -= along * u[j];
      }
      const norm = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
      basis.push(v.map((value) => value / norm));
    }
    const at = (row: number, column: number) => (wide ? basis[row][column] : basis[column][row]);
    return Float32Array.from({ length: count * length }, (_, i) => at(Math.floor(i / units), i % units));
  };
}

/** A kernel [inputs, n·units] whose n blocks, the gates of a recurrent cell, are drawn separately. */
export function blocks(n: number, initial: Initializer): Initializer {
  return (key, { shape, fanIn }) => {
    const [inputs, all] = shape;
    const units = all / n;
    const whole = new Float32Array(inputs * all);
    for (let block = 0; block < n; block++) {
      const values = initial(fold(key, block), { shape: [inputs, units], fanIn });
      for (let i = 0; i < inputs; i++)
        whole.set(values.subarray(i * units, (i + 1) * units), i * all + block * units);
    }
    return whole;
  };
}

/**
 * First values of kernels, by the name that a layer's option `initializer` takes. Each is a pure function of a key and the
 * shape: the same seed gives the same weights on every backend. None is truncated. `fanIn` is the number of inputs that
 * each output sums over.
 */
export const initializers = {
  /** N(0, 2/fanIn), for layers before relu (He et al., 2015). */
  heNormal: normal(2),
  /** U(±√(6/fanIn)), of the same variance. */
  heUniform: uniform(2),
  /** N(0, 1/fanIn), for layers without relu (LeCun et al., 1998). */
  lecunNormal: normal(1),
  /** U(±√(3/fanIn)), of the same variance. */
  lecunUniform: uniform(1),
  /** Keeps lengths, for products that are repeated many times, as in recurrent cells (Saxe et al., 2014). */
  orthogonal: orthogonal(),
  /** All 0. */
  zeros: constant(0),
} satisfies Record<string, Initializer>;

/** Name of an initializer. */
export type InitializerName = keyof typeof initializers;
export const initializerNames = Object.keys(initializers) as [InitializerName, ...InitializerName[]];
