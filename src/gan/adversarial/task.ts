import { fold, tag } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import { imagesOf, targetsOf } from '../../train/loop/batch-tensors.js';
import { normal } from '../../train/ops/noise.js';
import type { Task, TaskFor } from '../../train/task.js';
import { evaluateMade } from '../evaluate.js';
import { checkImages } from '../images.js';
import { better, type Judge } from '../judge/judge.js';
import { shaping } from '../learner.js';
import { run } from '../part.js';
import { type AdversarialTraining, adversarialTask, checkDivides } from './adversarial-task.js';
import { criticise, criticParts } from './critic.js';
import { makingOfGan } from './evaluate.js';
import { type BuiltGan, buildGan, type GanDescription } from './gan.js';

export interface AdversarialOptions extends AdversarialTraining {
  readonly model: GanDescription;
  readonly judge?: Judge;
}

export interface AdversarialTask extends Task {
  readonly built: BuiltGan;
}

/** The task of a GAN: adversarial training in which the companion of every image is its class. */
export function adversarial(options: AdversarialOptions): TaskFor<AdversarialTask> {
  const { model, judge, ...learning } = options;
  const { criticSteps, augment } = learning;
  const { loss, latent } = model.config;

  return (spec) => {
    const built = buildGan(model, spec);
    const { generator, critic, guide } = built;
    const { init, step } = adversarialTask(
      {
        loss,
        generator: [generator],
        critic: criticParts(critic),
        guide,
        prepare: (real, classes) => ({ real, classes, companion: classes }),
        generate(weights, { classes: condition }, key) {
          const noise = normal(fold(key, tag('noise')), [condition.shape[0], latent]);
          const mode = { training: true, key, condition };
          const { y, updates } = run<tf.Tensor4D>(generator, weights, noise, mode);
          return { images: y, updates };
        },
        criticise: (weights, images, { classes }, mode) => criticise(critic, weights, images, classes, mode),
      },
      learning,
    );
    const making = makingOfGan(built, { judged: judge !== undefined });
    return {
      name: model.name,
      built,
      spec,
      identity: { task: 'gan', model: model.config, adaptive: augment?.adaptive !== undefined },
      init,
      step,
      check(batch) {
        checkImages(batch, spec, 'gan');
        checkDivides(batch, criticSteps, 'gan');
      },
      feed: (batch) => ({ images: imagesOf(batch, 'gan'), classes: targetsOf(batch) }),
      evaluate: (_, batches, signal, compute) =>
        evaluateMade('gan', spec, batches, { compute, judge, signal }, making),
      options: shaping(model.config, learning),
      direction: better,
    };
  };
}
