import { type Batch, expected, RxaugError, UsageError } from '../core/index.js';
import type { tf } from '../graph/tf.js';
import { checkBatch } from '../train/loop/batch-tensors.js';
import type { InputSpec } from '../train/task.js';

/** The side of the smallest feature map. */
export const SMALLEST = 4;

/** How often a side is halved to reach 4. Refuses images that are not square or have another side. */
export function halvings(owner: string, [height, width]: readonly number[]): number {
  const times = Math.log2(height / SMALLEST);
  if (height === width && Number.isInteger(times) && times >= 1) return times;
  throw new UsageError(
    expected(
      owner,
      'square images of 8, 16, 32, 64, … pixels a side',
      [height, width],
      'resize or crop them',
    ),
  );
}

/** Filters double with every halving, up to four times. */
export const filtersAt = (width: number, halved: number) => width * Math.min(4, 2 ** halved);

/** Checks that a batch has the shape of `spec` and values in [−1, 1], as `normalize(STATISTICS.symmetric)` gives. */
export function checkImages(batch: Batch, spec: InputSpec, owner: string): void {
  checkBatch(batch, spec, owner);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const count = batch.size * batch.height * batch.width * batch.channels;
  for (let i = 0; i < count; i++) {
    const value = batch.images[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const range = [low, high].map((value) => Number(value.toPrecision(3)));
  // A batch without a negative pixel is most likely in 0..1, and was not normalized.
  const normalized = batch.samples.some(({ recipe }) => recipe.some(({ op }) => op === 'normalize'));
  if (low >= -1.001 && high <= 1.001 && (low < 0 || normalized)) return;
  throw new RxaugError(
    expected(owner, 'pixels in -1..1', range, 'put normalize(STATISTICS.symmetric) before batch()'),
  );
}

/** Generated images [N, H, W, 3] (or 1 channel) in [−1, 1] as uint8 RGB pictures. */
export async function picturesOf(images: tf.Tensor4D): Promise<Uint8Array[]> {
  const [count, height, width, channels] = images.shape;
  const values = await images.data();
  const size = height * width;
  return Array.from({ length: count }, (_, n) => {
    const picture = new Uint8ClampedArray(3 * size); // rounds, and clamps
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) {
        const at = (n * size + i) * channels + Math.min(c, channels - 1);
        picture[3 * i + c] = (values[at] + 1) * 127.5;
      }
    }
    return new Uint8Array(picture.buffer);
  });
}
