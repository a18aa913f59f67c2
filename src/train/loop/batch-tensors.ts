/**
 * Converts batches to tensors. Pixels are not copied: the tensor uses the (shared) memory of the batch, so the batch
 * must not be disposed of before the step is done.
 */

import {
  type Batch,
  classDifference,
  expected,
  matchClasses,
  nameSome,
  RxaugError,
  show,
  softTargets,
  UsageError,
} from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Shape } from '../layers/param-spec.js';
import type { InputSpec } from '../task.js';
import { checkLabels } from './by-name.js';

/** [B, H, W, C] float32; the caller disposes of it before the batch. */
export function imagesOf(batch: Batch, owner = 'train'): tf.Tensor4D {
  const { size, height, width, channels, dtype, layout, images } = batch;
  const used = images.subarray(0, size * height * width * channels);
  if (dtype === 'uint8') {
    throw new UsageError(
      expected(
        owner,
        "batches of dtype 'float32'",
        dtype,
        "leave dtype out of batch(), or set it to 'float32'",
      ),
    );
  }
  const data = used as Float32Array;
  if (layout === 'HWC') return tf.tensor4d(data, [size, height, width, channels]);
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, [size, channels, height, width]), [0, 2, 3, 1]));
}

/** [B, K] distributions: the batch's soft labels, or its labels one-hot. */
export function targetsOf(batch: Batch): tf.Tensor2D {
  const classes = batch.origin.classes.length;
  return tf.tensor2d(softTargets(batch).subarray(0, batch.size * classes), [batch.size, classes]);
}

/** Shape and classes of the images of a batch, from which a task is made. */
export function inputSpecOf(batch: Batch): InputSpec {
  return { input: shapeOf(batch), classes: batch.origin.classes };
}

function shapeOf(batch: Batch): Shape {
  return [batch.height, batch.width, batch.channels];
}

/**
 * Checks each batch, so a mistake in the pipeline gives a clear error and not a shape error. Classes must be those of
 * the model in its order; `numberedAs` has converted them before.
 */
export function checkBatch(batch: Batch, like: InputSpec, owner = 'train'): void {
  const shape = shapeOf(batch);
  if (shape.join() !== like.input.join()) {
    const other = owner === 'train' ? ', or give imageSize to train() for progressiveResize()' : '';
    throw new RxaugError(
      expected(
        owner,
        `images of ${like.input.join('×')}`,
        shape,
        `resize or crop them before batch()${other}`,
      ),
    );
  }
  const own = batch.origin.classes;
  const match = own === like.classes ? undefined : matchClasses(own, like.classes);
  if (match && !match.same) {
    throw new RxaugError(
      `${owner}: expected the classes of the model (${nameSome(like.classes)}) but ${batch.origin.name} ${classDifference(match)}; use the same classes for both`,
    );
  }
  checkLabels(batch, owner);
}

/** Catches the most common mistake, a stream of samples without batch(). */
export function checkIsBatch(batch: unknown, owner = 'train'): asserts batch is Batch {
  const { labels, images, origin } = (batch ?? {}) as Partial<Batch>;
  if (labels instanceof Int32Array && images !== undefined && origin !== undefined) return;
  throw new UsageError(
    `${owner}: expected a stream of batches but received ${show((batch as object)?.constructor?.name ?? batch)}; end the stream with batch(size)`,
  );
}

export interface Labeled {
  readonly images: tf.Tensor4D;
  readonly targets: tf.Tensor2D;
}
