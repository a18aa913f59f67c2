import { tf } from '../../graph/tf.js';
import { normalArray } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { State } from '../../train/state/tensors.js';
import type { Task } from '../../train/task.js';
import { evaluateMade, type Judging } from '../evaluate.js';
import { run } from '../part.js';
import { criticise } from './critic.js';
import type { BuiltGan } from './gan.js';

/** Evaluates a GAN: for each real image it generates one of the same class, from a key of the batch. */
export function evaluateGan(
  { model, spec, generator, critic }: BuiltGan,
  state: State,
  batches: Parameters<Task['evaluate']>[1],
  judging: Judging,
): ReturnType<Task['evaluate']> {
  const weights = weightsOf(state);
  const { latent } = model.config;
  return evaluateMade('gan', spec, batches, judging, ({ batch: { size }, images, classes, key }) => {
    const noise = tf.tensor2d(normalArray(key, size * latent), [size, latent]);
    const made = run<tf.Tensor4D>(generator, weights, noise, { condition: classes }).y;
    const score = (of: tf.Tensor) => tf.mean(criticise(critic, weights, of, classes).score);
    return { images: made, scalars: { real: score(images), fake: score(made) } };
  });
}
