import { type Size, sizesAt, type Value } from '../graph.js';

/** How many numbers a tensor has; an open batch axis is read at `batch`. */
export const countOf = ({ shape }: { readonly shape: readonly Size[] }, batch = 1): number =>
  sizesAt(shape, batch).reduce((product, side) => product * side, 1);

/** Bytes of a tensor: 4 a number, 1 for booleans. */
export const bytesOf = (value: Value, batch = 1): number =>
  countOf(value, batch) * (value.dtype === 'bool' ? 1 : 4);
