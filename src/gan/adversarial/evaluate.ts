/** A generator beside real images: for each real one another of the same class is made, by a key of its own. */
import * as tf from '@tensorflow/tfjs-core';
import { fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { breathe, Totals } from '../../train/evaluate.js';
import { checkIsBatch, imagesOf, targetsOf } from '../../train/feed.js';
import { normalArray } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { Task } from '../../train/task.js';
import { readScalars, type State } from '../../train/tensors.js';
import { checkImages } from '../images.js';
import { Gathered } from '../judge/features.js';
import { type Judge, verdict } from '../judge/judge.js';
import { run } from '../part.js';
import { criticise } from './critic.js';
import type { BuiltGan } from './gan.js';

export async function evaluateGan(
  { model, look, generator, critic }: BuiltGan,
  state: State,
  batches: Parameters<Task['evaluate']>[1],
  judge?: Judge,
): ReturnType<Task['evaluate']> {
  judge?.check(look);
  const weights = weightsOf(state);
  const totals = new Totals();
  const [real, generated] = [new Gathered(), new Gathered()];
  const predicted: number[] = [];
  let index = 0;
  for await (const batch of batches) {
    checkIsBatch(batch, 'evaluation');
    const labels = Int32Array.from(batch.labels.subarray(0, batch.size));
    const tensors: tf.Tensor[] = [];
    try {
      checkImages(batch, look, 'gan');
      const images = imagesOf(batch, 'gan');
      const classes = targetsOf(batch);
      tensors.push(images, classes);
      const key = fold(keyOf(0), tag('evaluation'), index++);
      const { fake, scalars } = tf.tidy(() => {
        const noise = tf.tensor2d(normalArray(key, batch.size * model.config.latent), [
          batch.size,
          model.config.latent,
        ]);
        const fake = run<tf.Tensor4D>(generator, weights, noise, { condition: classes }).y;
        const score = (of: tf.Tensor) => tf.mean(criticise(critic, weights, of, classes).score);
        return { fake, scalars: { real: score(images), fake: score(fake) } };
      });
      tensors.push(fake, ...Object.values(scalars));
      totals.add(await readScalars(scalars), batch.size);
      if (judge) {
        real.add((await judge.extract(images)).features, labels);
        const seen = await judge.extract(fake);
        generated.add(seen.features, labels);
        predicted.push(...seen.predicted);
      }
    } finally {
      tf.dispose(tensors);
      batch.dispose();
    }
    await breathe();
  }
  if (totals.samples === 0) {
    throw new RxaugError(
      'evaluation: expected at least one batch but the stream ended; check its path and filters',
    );
  }
  const said = judge && verdict(real.all(), { ...generated.all(), predicted }, await judge.training());
  return { samples: totals.samples, metrics: { ...totals.means(), ...said } };
}
