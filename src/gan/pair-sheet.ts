import { RxaugError } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { checkIsBatch, imagesOf, targetsOf } from '../train/loop/batch-tensors.js';
import { numberedAs } from '../train/loop/by-name.js';
import { type Batches, opened } from '../train/loop/evaluate.js';
import type { InputSpec } from '../train/task.js';
import { checkImages, picturesOf } from './images.js';
import type { Pictured } from './watch.js';

export interface Rows {
  /** [B, H, W, C] each, from the top of the sheet to the bottom. */
  readonly rows: readonly tf.Tensor4D[];
  /** [B]: 0 for columns to leave out; absent: all are shown. */
  readonly valid?: tf.Tensor1D;
}

/**
 * A sheet of images above the images made from them: the first `count` columns of the rows that `make` returns for the
 * first batch of a stream. `make` runs inside `tf.tidy`.
 */
export async function pairSheet(
  what: string,
  spec: InputSpec,
  images: Batches,
  count: number,
  make: (images: tf.Tensor4D, classes: tf.Tensor2D) => Rows,
): Promise<Omit<Pictured, 'step'>> {
  const stream = opened(images);
  try {
    const { value: given, done } = await stream.next();
    if (done) throw new RxaugError('samples: expected at least one validation batch but the stream ended');
    checkIsBatch(given, 'samples');
    const { width, height, size } = given;
    let made: Rows = { rows: [] };
    try {
      const batch = numberedAs(given, spec.classes, 'samples');
      checkImages(batch, spec, 'samples');
      const run = () => make(imagesOf(batch, what), targetsOf(batch)) as unknown as tf.TensorContainer;
      made = tf.tidy(run) as unknown as Rows;
      const means = await made.valid?.data();
      const shown = Array.from({ length: size }, (_, i) => i).filter((i) => means?.[i] !== 0);
      const columns = shown.slice(0, count);
      if (columns.length === 0) {
        throw new RxaugError(
          'samples: expected several images of one class in the first validation batch but there are none; use larger batches',
        );
      }
      const pictures: Uint8Array[] = [];
      for (const row of made.rows) {
        const all = await picturesOf(row);
        pictures.push(...columns.map((i) => all[i]));
      }
      return { what, pictures, width, height, columns: columns.length };
    } finally {
      tf.dispose(made as unknown as tf.TensorContainer);
      given.dispose();
    }
  } finally {
    stream.cancel();
  }
}
