/** The task of a DAGAN: adversarial training in which the companion of every image is another image of its class. */
import { fold, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { crossEntropy } from '../../train/losses/cross-entropy.js';
import { normal } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { Evaluated, Task, TaskFor } from '../../train/task.js';
import { type AdversarialTraining, adversarialTask, checkDivides } from '../adversarial/adversarial-task.js';
import { criticise, criticParts } from '../adversarial/critic.js';
import { evaluateMade, MADE, type Making, type Real } from '../evaluate.js';
import { checkImages } from '../images.js';
import { better, type Judge } from '../judge/judge.js';
import { shaping } from '../learner.js';
import { partners } from '../pairs.js';
import { type BuiltDagan, buildDagan, type DaganDescription } from './dagan.js';

export interface DaganTask extends Task {
  readonly built: BuiltDagan;
}

export function augmenting({
  model,
  judge,
  ...options
}: AdversarialTraining & {
  readonly model: DaganDescription;
  readonly judge?: Judge;
}): TaskFor<DaganTask> {
  const { criticSteps } = options;
  const { loss, latent } = model.config;
  return (spec) => {
    const built = buildDagan(model, spec);
    const { generator, critic, guide } = built;
    const { init, step } = adversarialTask(
      {
        loss,
        generator: generator.parts,
        critic: criticParts(critic),
        guide,
        prepare(images, classes, key) {
          const { rows, valid } = partners(classes, 1, key);
          const alone = tf.range(0, images.shape[0], 1, 'int32');
          const real = tf.gather(images, tf.where(valid.toBool(), rows[0], alone));
          return { real, companion: images, classes, valid };
        },
        generate(weights, { companion, classes }, key) {
          const noise = normal(fold(key, tag('noise')), [companion.shape[0], latent]) as tf.Tensor2D;
          const mode = { training: true, key };
          const { codes, ...made } = generator.make(weights, companion as tf.Tensor4D, noise, mode);
          const classify = generator.classify;
          if (!classify || !codes) return made;
          return { ...made, codes: () => crossEntropy(classify(weights, codes), classes) };
        },
        criticise: (weights, images, { companion, classes }, mode) =>
          criticise(critic, weights, tf.concat([images, companion], 3), classes, mode),
      },
      options,
    );
    const making = makingOf(built, { judged: judge !== undefined });
    return {
      name: model.name,
      built,
      spec,
      identity: { task: 'dagan', model: model.config, ...(options.augment?.adaptive && { adaptive: true }) },
      init,
      step,
      check(batch) {
        checkImages(batch, spec, 'dagan');
        checkDivides(batch, criticSteps, 'dagan');
      },
      feed: (batch) => ({ images: imagesOf(batch, 'dagan'), classes: targetsOf(batch) }),
      evaluate: async (_, batches, signal, compute) =>
        perPair(await evaluateMade('dagan', spec, batches, { compute, judge, signal }, making)),
      options: shaping(model.config, options),
      direction: (metric) => (metric === 'change' || metric === 'variety' ? 'max' : better(metric)),
    };
  };
}

/**
 * Metrics that need no judge: the critic's mean score of real and of generated pairs; `change`, the mean absolute
 * difference of G(x, z) and x, 0 for a copy; `variety`, the difference of two images generated from one x, 0 if the noise
 * is ignored. Real pairs are those of rows with a partner in their batch, whose share is `pairs`. A judge sees one
 * generated image for each original.
 */
function makingOf(
  { model, generator, critic }: BuiltDagan,
  { judged }: { readonly judged: boolean },
): Making {
  return {
    draw({ images, classes }, key) {
      const noise = (nth: number) => normal(fold(key, nth), [images.shape[0], model.config.latent]);
      const { rows, valid } = partners(classes, 1, key);
      return { noise: noise(0), otherNoise: noise(1), partners: rows[0], paired: valid };
    },
    measure(state, feed) {
      const { images, classes, paired, ...drawn } = feed as typeof feed & Real;
      const weights = weightsOf(state);
      const make = (noise: tf.Tensor) => generator.make(weights, images, noise as tf.Tensor2D).images;
      const [one, two] = [make(drawn.noise), make(drawn.otherNoise)];
      const score = (of: tf.Tensor) => criticise(critic, weights, tf.concat([of, images], 3), classes).score;
      const apart = (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.abs(tf.sub(a, b)));
      return {
        paired: tf.mean(tf.mul(score(tf.gather(images, drawn.partners as tf.Tensor1D)), paired)),
        pairs: tf.mean(paired),
        fake: tf.mean(score(one)),
        change: apart(one, images),
        variety: apart(one, two),
        ...(judged && { [MADE]: one }),
      };
    },
  };
}

/** `real` is the mean over pairs, and is not reported if there are none. */
function perPair({ metrics, ...rest }: Evaluated): Evaluated {
  const { paired, pairs, ...others } = metrics;
  return { ...rest, metrics: { ...(pairs > 0 && { real: paired / pairs }), ...others } };
}
