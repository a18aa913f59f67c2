import { tf } from '../../graph/tf.js';
import { normalArray } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import { MADE, type Making, type Real } from '../evaluate.js';
import { run } from '../part.js';
import { criticise } from './critic.js';
import type { BuiltGan } from './gan.js';

/** How a GAN is evaluated: for each real image it generates one of the same class, from a key of the batch. */
export function makingOfGan(
  { model, generator, critic }: BuiltGan,
  { judged }: { readonly judged: boolean },
): Making {
  const { latent } = model.config;
  return {
    draw({ images: { shape } }, key) {
      return { noise: tf.tensor2d(normalArray(key, shape[0] * latent), [shape[0], latent]) };
    },
    measure(state, feed) {
      const { images, classes, noise } = feed as typeof feed & Real;
      const weights = weightsOf(state);
      const made = run<tf.Tensor4D>(generator, weights, noise, { condition: classes }).y;
      const score = (of: tf.Tensor) => tf.mean(criticise(critic, weights, of, classes).score);
      return { real: score(images), fake: score(made), ...(judged && { [MADE]: made }) };
    },
  };
}
