/**
 * First values of parameters, a pure function of (key, shape): the same seed gives the same weights on
 * every backend. None of them is truncated.
 */
import type { Key } from '../../core/index.js';
import { normalArray, uniformArray } from '../ops/noise.js';
import type { ParamSpec } from './layer.js';

export type Initializer = (key: Key, spec: Pick<ParamSpec, 'shape' | 'fanIn'>) => Float32Array;

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

/** By name, so that a layer's configuration is plain JSON. */
export const initializers = {
  /** N(0, 2 / fanIn): before relu (He et al., 2015). */
  heNormal: normal(2),
  /** U(±√(6 / fanIn)), of the same variance. */
  heUniform: uniform(2),
  /** N(0, 1 / fanIn): where no relu follows (LeCun et al., 1998). */
  lecunNormal: normal(1),
  lecunUniform: uniform(1),
  zeros: constant(0),
} satisfies Record<string, Initializer>;

export type InitializerName = keyof typeof initializers;
export const initializerNames = Object.keys(initializers) as [InitializerName, ...InitializerName[]];
