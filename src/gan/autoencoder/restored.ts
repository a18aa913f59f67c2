/** Pictures above what became of them, for whoever watches an autoencoder. */
import * as tf from '@tensorflow/tfjs-core';
import { RxaugError } from '../../core/index.js';
import { pull } from '../../stream/demand.js';
import type { Batches } from '../../train/evaluate.js';
import { imagesOf } from '../../train/feed.js';
import { picturesOf } from '../images.js';
import type { Pictured } from '../watch.js';
import type { Autoencoder } from './trained.js';

/** The first `count` images of a stream: a row of them, and a row of what the autoencoder gives for them. */
export async function restored(
  model: Autoencoder,
  images: Batches,
  count: number,
): Promise<Omit<Pictured, 'step'>> {
  const stream = pull(typeof images === 'function' ? images() : images);
  try {
    const { value: batch, done } = await stream.next();
    if (done) throw new RxaugError('samples: expected at least one validation batch but the stream ended');
    const shown = Math.min(count, batch.size);
    let tensors: tf.Tensor4D[] = [];
    try {
      tensors = tf.tidy(() => {
        const all = imagesOf(batch, 'autoencoder');
        const few = tf.slice(all, [0, 0, 0, 0], [shown, -1, -1, -1]);
        const labels = batch.labels.subarray(0, shown);
        return [few, model.decode(model.encode(few), labels)];
      });
      const [given, made] = tensors;
      const pictures = [...(await picturesOf(given)), ...(await picturesOf(made))];
      return { what: 'reconstructions', pictures, width: batch.width, height: batch.height, columns: shown };
    } finally {
      tf.dispose(tensors);
      batch.dispose();
    }
  } finally {
    stream.cancel();
  }
}
