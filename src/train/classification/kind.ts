/** Classifiers as the trainer meets them: their options, their task, and the classifier that comes of it. */
import { z } from 'zod';
import type { ModelKind } from '../kind.js';
import { loadAs } from '../load.js';
import { runningOptions } from '../loop/options.js';
import { modelFrom } from '../models/index.js';
import { build, type Model, type ModelConfig } from '../models/model.js';
import { learningRateSchema } from '../optimizers/learning-rate.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { sgd } from '../optimizers/sgd.js';
import { openWeights, weightsSchema } from '../weights/load-weights.js';
import { Trained } from './classifier.js';
import { imageSizeSchema } from './input-size.js';
import { objectiveOptions, stepOptions } from './options.js';
import { type ClassifierTask, classificationTask } from './task.js';

export const classifierOptions = z.strictObject({
  ...runningOptions.shape,
  /** A side, or [height, width]: what the model is measured and used at, where progressiveResize() trains it at others. */
  imageSize: imageSizeSchema.optional(),
  optimizer: z
    .custom<Optimizer>(
      (value) => typeof (value as Optimizer | undefined)?.update === 'function',
      'expected an optimizer such as sgd() or adam()',
    )
    .default(() => sgd({ momentum: 0.9, nesterov: true })),
  /** A number, or a schedule such as cosineDecay(0.1, { warmup: 0.05 }). Default 0.05, which suits sgd; for adam use 1e-3. */
  learningRate: learningRateSchema.default(0.05),
  /**
   * First weights from a .safetensors file in the layout of torchvision (ResNets) or timm (ViTs): its path, or
   * { file, head: 'new' } where the last layer starts anew for other classes. A resumed training does not read it.
   */
  weights: weightsSchema.optional(),
  ...stepOptions.shape,
  ...objectiveOptions.shape,
});

/** Options of `train` and `fit` for a classifier, besides the model. */
export type ClassifierTrainOptions = z.input<typeof classifierOptions>;

/** How classifiers are trained and loaded. */
export const classifierKind: ModelKind<ClassifierTrainOptions, Trained> = {
  task: 'classification',
  title: 'a classifier',
  result: Trained,
  options: classifierOptions,
  async begin(model, given) {
    const parsed = given as z.output<typeof classifierOptions>;
    const teacher = parsed.distill?.teacher;
    const weights = parsed.weights === undefined ? undefined : openWeights(parsed.weights);
    let loaded: Trained | undefined;
    try {
      loaded = typeof teacher === 'string' ? await loadClassifier(teacher) : undefined;
    } catch (error) {
      weights?.file.close();
      throw error;
    }
    return {
      task: classificationTask(model as Model, {
        ...parsed,
        weights,
        teacher: loaded ?? (teacher as Trained | undefined),
      }),
      result: (task, state, preprocessing) =>
        new Trained((task as ClassifierTask).network, state, preprocessing),
      dispose() {
        weights?.file.close();
        loaded?.dispose();
      },
    };
  },
  restore({ identity, look, preprocessing }) {
    const network = build(modelFrom(identity.model as ModelConfig), look);
    return { parts: [network], make: (state) => new Trained(network, state, preprocessing) };
  },
};

/** The classifier in a checkpoint. */
export function loadClassifier(file: string): Promise<Trained> {
  return loadAs(file, () => [classifierKind], Trained);
}
