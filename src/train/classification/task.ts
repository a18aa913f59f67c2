/**
 * The classifier's task. One step: loss and gradient (see objective.ts), sharpness, noise, clipping, penalties,
 * optimizer, decay, projections, average; a pure function of (state, tensors, key).
 */

import type { z } from 'zod';
import { parseOptions } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Labeled } from '../loop/batch-tensors.js';
import { checkBatch } from '../loop/batch-tensors.js';
import { backwards, Probe } from '../loop/non-finite.js';
import { build, forward, initialize, type Model, type Network } from '../models/model.js';
import { checkExcept, clipAdaptively } from '../optimizers/adaptive-clip.js';
import { clipByGlobalNorm, clipByValue, globalNorm } from '../optimizers/clip.js';
import { addL2, decayed, subtractSteps } from '../optimizers/decay.js';
import { moveAverage, startAverage, weightsOf } from '../optimizers/ema.js';
import { addNoise } from '../optimizers/gradient-noise.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { perturbedWeights } from '../optimizers/sam.js';
import { addPenalties, assign, penaltySum, projected } from '../penalties/penalty.js';
import { valueAndGradient } from '../state/gradient.js';
import type { State, Tensors } from '../state/tensors.js';
import { type StepContext, type Stepped, switchedOn, type Task, type TaskFor } from '../task.js';
import { evaluateClassifier, feed } from './evaluate.js';
import { type FullSize, lookInFull, shapeCheck } from './input-size.js';
import { ACCURACY, type ObjectiveOptions, objectiveOf } from './objective.js';
import { objectiveOptions, stepOptions } from './options.js';

export type ClassificationOptions = { readonly model: Model } & ClassifierOptions;

/** What is left out is off. */
export type ClassifierOptions = { readonly optimizer: Optimizer } & z.input<typeof stepOptions> &
  z.input<typeof objectiveOptions> &
  Pick<ObjectiveOptions, 'teacher'> & {
    /** The size that the model is for, where batches of training may have others. */
    readonly fullSize?: FullSize;
  };

export interface ClassifierTask extends Task {
  readonly network: Network;
}

export function classification({ model, ...options }: ClassificationOptions): TaskFor<ClassifierTask> {
  return (look) => classifier(build(model, lookInFull(look, options.fullSize)), options);
}

export function classifier(
  network: Network,
  { optimizer, teacher, fullSize, ...given }: ClassifierOptions,
): ClassifierTask {
  const { weightDecay, l2, penalties, clipNorm, clipValue, adaptiveClip, gradientNoise, sam, ema } = pick(
    stepOptions,
    given,
  );
  const objective = objectiveOf(network, { ...pick(objectiveOptions, given), teacher });
  const which = decayed(network.params);
  const assigned = assign(penalties, network.params);
  if (adaptiveClip)
    checkExcept(
      adaptiveClip,
      network.params.map(({ name }) => name),
    );
  const counts = ema !== undefined || gradientNoise !== undefined;
  const { name, config, input, classes } = network;
  const fitting = [shapeCheck(network), ...(teacher ? [shapeCheck(teacher.network, 'distill')] : [])];

  const init: Task['init'] = (key) => {
    const { params, stats } = initialize(network, key);
    const slots = {
      ...optimizer.init(params),
      ...(counts && { [STEPS]: tf.scalar(0) }),
      ...(ema && startAverage({ params, stats })),
    };
    return { params, stats, slots };
  };

  const gradientAt = (params: Tensors, state: State, labeled: Labeled, context: StepContext) =>
    valueAndGradient(() => objective({ params, stats: state.stats }, labeled, context), params);

  const step: Task['step'] = (state, feed, context): Stepped => {
    const { learningRate, ...labeled } = feed as typeof feed & Labeled;
    const { loss, gradients, aux } = gradientAt(state.params, state, labeled, context);
    const { [ACCURACY]: correct, ...updates } = aux;
    const stats = { ...state.stats, ...updates };
    const metrics: Record<string, tf.Tensor> = { loss, accuracy: correct };
    const time = state.slots[STEPS] as tf.Scalar;

    let total = gradients;
    if (sam > 0) {
      const above = perturbedWeights(state.params, gradients, sam);
      total = gradientAt(above, state, labeled, context).gradients;
    }
    if (gradientNoise) total = addNoise(total, time, context.key, gradientNoise);
    if (adaptiveClip) total = clipAdaptively(total, state.params, adaptiveClip);
    if (clipValue !== undefined) total = clipByValue(total, clipValue);
    const norm = globalNorm(total);
    metrics.gradientNorm = norm;
    if (clipNorm !== undefined) total = clipByGlobalNorm(total, clipNorm, norm);
    total = addL2(total, state.params, l2, which); // after clipping, as in PyTorch
    total = addPenalties(total, state.params, assigned);
    const penalty = penaltySum(state.params, assigned);
    if (penalty) metrics.penalty = penalty;

    const { steps, slots } = optimizer.update(total, state.slots, learningRate);
    const moved = subtractSteps(state.params, steps, { lambda: weightDecay, learningRate, which });
    const params = projected(moved, learningRate, assigned);
    if (!counts) return { state: { params, stats, slots }, metrics };
    const now = tf.add(time, 1) as tf.Scalar;
    const averages = ema && moveAverage(state.slots, { params, stats }, now, ema);
    return { state: { params, stats, slots: { ...slots, [STEPS]: now, ...averages } }, metrics };
  };

  const probe: Task['probe'] = (state, feed, context) => {
    const { learningRate: _, ...labeled } = feed as typeof feed & Labeled;
    const seen = new Probe();
    seen.see('the images of the batch', labeled.images);
    for (const [name, param] of Object.entries(state.params)) seen.see(`the weights '${name}'`, param);
    const { key, progress } = context;
    const visit = (path: string, y: tf.Tensor) => {
      seen.see(`the output of layer '${path}'`, y);
      return y;
    };
    const { logits } = forward(network, state, labeled.images, { training: true, key, progress, visit });
    seen.see('the logits', logits);
    const { loss, gradients } = gradientAt(state.params, state, labeled, context);
    seen.see('the loss', loss);
    for (const [name, gradient] of backwards(gradients)) seen.see(`the gradient of '${name}'`, gradient);
    return seen.scalars;
  };

  return {
    name,
    network,
    look: { input, classes },
    identity: { task: 'classification', model: config, optimizer: optimizer.config.optimizer },
    init,
    step,
    probe,
    check(batch) {
      const { height, width } = batch;
      const input = fullSize === undefined ? network.input : [height, width, network.input[2]];
      checkBatch(batch, { classes, input });
      for (const fits of fitting) fits(input);
    },
    feed,
    evaluate: (state, batches) => evaluateClassifier(network, weightsOf(state), batches),
    options: shaping(network, optimizer, given),
    kernels: [...which],
    direction: (metric) => (metric === 'accuracy' || metric === 'top5' ? 'max' : 'min'),
  };
}

/** The count of steps, where something needs it; names of slots are otherwise paths. */
const STEPS = '#steps';

/** What was given and is not off, as JSON; a teacher by its name. */
function shaping(
  { config }: Network,
  optimizer: Optimizer,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known = { ...stepOptions.shape, ...objectiveOptions.shape };
  const { penalties, distill, ...plain } = switchedOn(
    Object.fromEntries(Object.entries(given).filter(([name]) => name in known)),
  ) as Pick<z.input<typeof stepOptions>, 'penalties'> & Pick<z.input<typeof objectiveOptions>, 'distill'>;
  const teacher = typeof distill?.teacher === 'string' ? distill.teacher : distill?.teacher.network.name;
  return {
    network: config,
    optimizer: optimizer.config,
    ...plain,
    ...(penalties?.length && { penalties: penalties.map((penalty) => penalty.config) }),
    ...(distill && { distill: { ...distill, teacher } }),
  };
}

/** Those of some options that a schema knows, checked, with its defaults. */
function pick<S extends z.ZodObject>(schema: S, options: object): z.output<S> {
  const known = Object.keys(schema.shape);
  const own = Object.entries(options).filter(([name]) => known.includes(name));
  return parseOptions('classification', schema, Object.fromEntries(own));
}
