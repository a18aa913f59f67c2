/** The order of a kernel's axes: [out, in, height, width] in published files, [height, width, in, out] here. */

/** Which axis of the file each of our axes is; undefined where the order is the same. */
export function axisOrder(rank: number): readonly number[] | undefined {
  if (rank === 2) return [1, 0];
  return rank === 4 ? [2, 3, 1, 0] : undefined;
}

/** The shape that a file has for a shape of ours. */
export function storedShape(shape: readonly number[], order: readonly number[]): number[] {
  const stored: number[] = [];
  order.forEach((axis, i) => {
    stored[axis] = shape[i] as number;
  });
  return stored;
}

/** Numbers of a file, of two axes or four, in our order. */
export function reordered(
  numbers: Float32Array,
  stored: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = stored.map((_, axis) =>
    stored.slice(axis + 1).reduce((product, side) => product * side, 1),
  );
  const pad = 4 - order.length; // as if it had four axes
  const side = (i: number) => (i < pad ? 1 : (stored[order[i - pad] as number] as number));
  const step = (i: number) => (i < pad ? 0 : (strides[order[i - pad] as number] as number));
  const [a, b, c, d] = [side(0), side(1), side(2), side(3)];
  const [sa, sb, sc, sd] = [step(0), step(1), step(2), step(3)];
  const out = new Float32Array(numbers.length);
  let to = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) {
        let from = i * sa + j * sb + k * sc;
        for (let l = 0; l < d; l++, from += sd) out[to++] = numbers[from] as number;
      }
  return out;
}
