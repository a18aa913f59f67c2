/** The task of a DAGAN: adversarial training in which the companion of every image is another image of its class. */
import { fold, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { crossEntropy } from '../../train/losses/cross-entropy.js';
import { normal } from '../../train/ops/noise.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { Task, TaskFor } from '../../train/task.js';
import { type AdversarialTraining, adversarialTask, checkDivides } from '../adversarial/adversarial-task.js';
import { criticise, criticParts } from '../adversarial/critic.js';
import { evaluateMade, type Judging } from '../evaluate.js';
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
      evaluate: (state, batches, signal) =>
        evaluateDagan(built, weightsOf(state), batches, { judge, signal }),
      options: shaping(model.config, options),
      direction: (metric) => (metric === 'change' || metric === 'variety' ? 'max' : better(metric)),
    };
  };
}

/**
 * Metrics that need no judge: the critic's mean score of real and of generated pairs; `change`, the mean absolute
 * difference of G(x, z) and x, 0 for a copy; `variety`, the difference of two images generated from one x, 0 if the noise
 * is ignored. `real` is the mean over rows with a partner in their batch, and is not reported if there are none. A judge
 * sees one generated image for each original.
 */
async function evaluateDagan(
  { model, spec, generator, critic }: BuiltDagan,
  weights: ReturnType<typeof weightsOf>,
  batches: Parameters<Task['evaluate']>[1],
  judging: Judging,
): ReturnType<Task['evaluate']> {
  const { samples, metrics } = await evaluateMade(
    'dagan',
    spec,
    batches,
    judging,
    ({ images, classes, key }) => {
      const make = (nth: number) => {
        const noise = normal(fold(key, nth), [images.shape[0], model.config.latent]) as tf.Tensor2D;
        return generator.make(weights, images, noise).images;
      };
      const [one, two] = [make(0), make(1)];
      const { rows, valid } = partners(classes, 1, key);
      const score = (of: tf.Tensor) => criticise(critic, weights, tf.concat([of, images], 3), classes).score;
      const apart = (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.abs(tf.sub(a, b)));
      const scalars = {
        paired: tf.mean(tf.mul(score(tf.gather(images, rows[0])), valid)),
        pairs: tf.mean(valid),
        fake: tf.mean(score(one)),
        change: apart(one, images),
        variety: apart(one, two),
      };
      return { images: one, scalars };
    },
  );
  const { paired, pairs, ...rest } = metrics;
  return { samples, metrics: { ...(pairs > 0 && { real: paired / pairs }), ...rest } };
}
