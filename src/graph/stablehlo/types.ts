/** Element types and shapes of StableHLO. */
import { RxaugError } from '../../core/index.js';
import { isOpen, type Size, type Value } from '../graph.js';

/** The types of the graph, and those that rules compute in on the way. */
export type Element = 'f32' | 'bf16' | 'i32' | 'i1' | 'ui8' | 'ui32' | 'ui64';

export interface TensorType {
  readonly shape: readonly number[];
  readonly type: Element;
}

/** A result in the text: its name there, such as '%7', and its type. */
export interface Hlo extends TensorType {
  readonly id: string;
}

const ELEMENTS: Readonly<Record<string, Element>> = { float32: 'f32', int32: 'i32', bool: 'i1' };

/** A type as it is written: `tensor<2x3xf32>`. */
export const typeText = ({ shape, type }: TensorType): string => `tensor<${[...shape, type].join('x')}>`;

/**
 * The type of a value of a graph.
 *
 * @throws RxaugError if a size is open, or for text and complex numbers
 */
export function typeOf({ name, shape, dtype }: Value): TensorType {
  const type = ELEMENTS[dtype];
  if (!type) {
    throw new RxaugError(
      `stablehlo: expected float32, int32 or bool but '${name}' is ${dtype}; convert it outside of the step`,
    );
  }
  return { shape: fixedSizes(name, shape), type };
}

function fixedSizes(name: string, shape: readonly Size[]): number[] {
  return shape.map((size) => {
    if (!isOpen(size)) return size;
    throw new RxaugError(
      `stablehlo: expected sizes that are fixed but '${name}' has the batch in its shape; trace with one batch size`,
    );
  });
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.join() === b.join();

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);
