import { type Batch, softTargets } from '../../core/index.js';
import { derive } from '../../stream/mix/mixing.js';
import { oneHot, transposed } from './callable.js';

const sides = ({ height, width, channels }: Batch) => [height, width, channels];

/** Copies rows of a batch as [n, H, W, C], whatever its layout. */
export function takeRows(batch: Batch, rows: readonly number[]): Float32Array {
  const stride = batch.height * batch.width * batch.channels;
  const out = new Float32Array(rows.length * stride);
  rows.forEach((row, i) => {
    out.set(batch.images.subarray(row * stride, (row + 1) * stride), i * stride);
  });
  return batch.layout === 'HWC' ? out : transposed(out, sides(batch), false);
}

/** Writes images [n, H, W, C] into rows of a batch. */
export function putRows(batch: Batch, rows: readonly number[], images: Float32Array): void {
  const stride = batch.height * batch.width * batch.channels;
  const own = batch.layout === 'HWC' ? images : transposed(images, sides(batch), true);
  rows.forEach((row, i) => {
    batch.images.set(own.subarray(i * stride, (i + 1) * stride), row * stride);
  });
}

/** The batch with new classes for some rows, or distributions [n, K] if labels are soft. */
export function relabeled(
  batch: Batch,
  rows: readonly number[],
  classes: readonly number[],
  given?: Float32Array,
): Batch {
  const labels = batch.labels.slice();
  const count = batch.origin.classes.length;
  const soft = given ? Float32Array.from(softTargets(batch)) : batch.soft?.slice();
  const own = given ?? oneHot(classes, count);
  rows.forEach((row, i) => {
    labels[row] = classes[i];
    soft?.set(own.subarray(i * count, (i + 1) * count), row * count);
  });
  return derive(batch, { labels, soft });
}

/** Codes as one array [n, L]. */
export function packed(codes: readonly (readonly number[])[]): Float32Array {
  const length = codes[0]?.length ?? 0;
  const out = new Float32Array(codes.length * length);
  for (let row = 0, at = 0; row < codes.length; row++) {
    for (let i = 0; i < length; i++) out[at++] = codes[row][i];
  }
  return out;
}
