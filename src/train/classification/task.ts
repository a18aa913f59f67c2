/**
 * The classifier's task. One step: loss and gradient (see objective.ts), sharpness, noise, clipping, penalties,
 * optimizer, decay, projections, average; a pure function of (state, tensors, key).
 */

import { z } from 'zod';
import { expected, parseOptions, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Labeled } from '../loop/batch-tensors.js';
import { checkBatch } from '../loop/batch-tensors.js';
import { backwards, Probe } from '../loop/non-finite.js';
import { build, forward, initialize, type Model, type Network } from '../models/model.js';
import { checkExcept, clipAdaptively } from '../optimizers/adaptive-clip.js';
import { clipByGlobalNorm, clipByValue, globalNorm } from '../optimizers/clip.js';
import { addL2, decayed, scaleSteps, subtractSteps } from '../optimizers/decay.js';
import { depthFactors } from '../optimizers/depth-decay.js';
import { moveAverage, startAverage, weightsOf } from '../optimizers/ema.js';
import { freeze, frozenPatterns } from '../optimizers/frozen.js';
import { addNoise } from '../optimizers/gradient-noise.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { perturbedWeights } from '../optimizers/sam.js';
import { addPenalties, assign, penaltySum, projected } from '../penalties/penalty.js';
import { valueAndGradient } from '../state/gradient.js';
import { mapTensors, type State, type Tensors } from '../state/tensors.js';
import { type StepContext, type Stepped, type Stored, switchedOn, type Task, type TaskFor } from '../task.js';
import { loadWeights, type OpenWeights } from '../weights/load-weights.js';
import { evaluateClassifier, feed, measureBy } from './evaluate.js';
import { imageSizeSchema, inputSpecAt, shapeCheck } from './input-size.js';
import { ACCURACY, type ObjectiveOptions, objectiveOf } from './objective.js';
import { objectiveOptions, stepOptions } from './options.js';

/** Options of `classification`: the model and those of `classifier`. */
export type ClassificationOptions = { readonly model: Model } & ClassifierOptions;

const shapingOptions = z.strictObject({
  /** The size that the model is for, where batches of training may have others. */
  imageSize: imageSizeSchema.optional(),
  ...stepOptions.shape,
  ...objectiveOptions.shape,
});

interface Around {
  readonly optimizer: Optimizer;
  /** The model of `distill`, where `distill.teacher` is only its path. */
  readonly teacher?: ObjectiveOptions['teacher'];
  /** First weights; whoever opened the file closes it after the training has started. */
  readonly weights?: OpenWeights;
}

/** What is left out is off. */
export type ClassifierOptions = Around & z.input<typeof shapingOptions>;

type ParsedOptions = Around & z.output<typeof shapingOptions>;

/** The task of a classifier, with the network that it trains. */
export interface ClassifierTask extends Task {
  readonly network: Network;
}

/**
 * The task of a classifier for `trainTask`: what one step does to the weights, by the options that are on.
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * classification({ model: cnn({ filters: [4] }), optimizer: sgd(), weightDecay: 5e-4 });
 */
export function classification({ model, ...options }: ClassificationOptions): TaskFor<ClassifierTask> {
  return classificationTask(model, parsed('classification', options));
}

/**
 * The same task for a network that is built already, such as that of a `Trained` classifier.
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const trained = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * console.log(classifier(trained.network, { optimizer: adam() }).name); // → cnn-4
 */
export function classifier(network: Network, options: ClassifierOptions): ClassifierTask {
  const given = parsed('classifier', options);
  const { input } = inputSpecAt(network, given.imageSize);
  if (input.join() === network.input.join()) return classifierTask(network, given);
  throw new UsageError(
    expected(
      'classifier: imageSize',
      network.input.slice(0, 2).join('×'),
      given.imageSize,
      'leave imageSize out',
    ),
  );
}

/** With options that are checked, defaults included; what else is among them is left alone. */
export function classificationTask(model: Model, options: ParsedOptions): TaskFor<ClassifierTask> {
  return (spec) => classifierTask(build(model, inputSpecAt(spec, options.imageSize)), options);
}

function classifierTask(network: Network, options: ParsedOptions): ClassifierTask {
  const { optimizer, imageSize, teacher } = options;
  const { weightDecay, l2, penalties, clipNorm, clipValue, adaptiveClip, gradientNoise, sam, ema } = options;
  const frozen = freeze(network, options.frozen);
  const trained = network.params.filter((spec) => !frozen.params.has(spec.name));
  const objective = objectiveOf(network, { ...options, frozenLayers: frozen.layers });
  const which = decayed(trained);
  const assigned = assign(penalties, trained);
  const { depthDecay = 1 } = options;
  const factors = depthDecay === 1 ? undefined : depthFactors(network.params, depthDecay);
  if (adaptiveClip)
    checkExcept(
      adaptiveClip,
      trained.map(({ name }) => name),
    );
  const counts = ema !== undefined || gradientNoise !== undefined;
  const { name, config, input, classes } = network;
  const measure = measureBy(network, weightsOf);
  const fitting = [shapeCheck(network), ...(teacher ? [shapeCheck(teacher.network, 'distill')] : [])];

  const moving = (params: Tensors) => without(params, frozen.params);

  const withSlots = ({ params, stats }: Pick<State, 'params' | 'stats'>): State => {
    const slots = {
      ...optimizer.init(moving(params)),
      ...(counts && { [STEPS]: tf.scalar(0) }),
      ...(ema && startAverage({ params, stats })),
    };
    return { params, stats, slots };
  };
  const stored = options.weights && storedIn(network, options.weights, withSlots);

  /** The gradient at parameters that move, the others being those of the state. */
  const gradientAt = (params: Tensors, state: State, labeled: Labeled, context: StepContext) =>
    valueAndGradient(() => {
      const whole = frozen.params.size > 0 ? { ...state.params, ...params } : params;
      return objective({ params: whole, stats: state.stats }, labeled, context);
    }, params);

  const step: Task['step'] = (state, feed, context): Stepped => {
    const { learningRate, ...labeled } = feed as typeof feed & Labeled;
    const own = moving(state.params);
    const { loss, gradients, aux } = gradientAt(own, state, labeled, context);
    const { [ACCURACY]: correct, ...updates } = aux;
    const stats = { ...state.stats, ...updates };
    const metrics: Record<string, tf.Tensor> = { loss, accuracy: correct };
    const time = state.slots[STEPS] as tf.Scalar;

    let total = gradients;
    if (sam > 0) {
      const above = perturbedWeights(own, gradients, sam);
      total = gradientAt(above, state, labeled, context).gradients;
    }
    if (gradientNoise) total = addNoise(total, time, context.key, gradientNoise);
    if (adaptiveClip) total = clipAdaptively(total, own, adaptiveClip);
    if (clipValue !== undefined) total = clipByValue(total, clipValue);
    const norm = globalNorm(total);
    metrics.gradientNorm = norm;
    if (clipNorm !== undefined) total = clipByGlobalNorm(total, clipNorm, norm);
    total = addL2(total, own, l2, which); // after clipping, as in PyTorch
    total = addPenalties(total, own, assigned);
    const penalty = penaltySum(own, assigned);
    if (penalty) metrics.penalty = penalty;

    const { steps, slots } = optimizer.update(total, state.slots, learningRate);
    const scaled = scaleSteps(steps, factors);
    const decay = { lambda: weightDecay, learningRate, which, factors };
    const moved = projected(subtractSteps(own, scaled, decay), learningRate, assigned, factors);
    const params = frozen.params.size > 0 ? mapTensors(state.params, (p, name) => moved[name] ?? p) : moved;
    if (!counts) return { state: { params, stats, slots }, metrics };
    const now = tf.add(time, 1) as tf.Scalar;
    const averages = ema && moveAverage(state.slots, { params, stats }, now, ema, frozen);
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
    const { logits } = forward(network, state, labeled.images, {
      training: true,
      key,
      progress,
      visit,
      frozen: frozen.layers,
    });
    seen.see('the logits', logits);
    const { loss, gradients } = gradientAt(moving(state.params), state, labeled, context);
    seen.see('the loss', loss);
    for (const [name, gradient] of backwards(gradients)) seen.see(`the gradient of '${name}'`, gradient);
    return seen.scalars;
  };

  return {
    name,
    network,
    spec: { input, classes },
    identity: {
      task: 'classification',
      model: config,
      optimizer: optimizer.config.optimizer,
      // Only trained parameters have slots. Checkpoints of trainings without frozen layers have no such field.
      ...(frozen.params.size > 0 && { frozen: frozenPatterns(options.frozen) }),
    },
    init: (key) => withSlots(initialize(network, key)),
    stored,
    step,
    probe,
    check(batch) {
      const { height, width } = batch;
      const input = imageSize === undefined ? network.input : [height, width, network.input[2]];
      checkBatch(batch, { classes, input });
      for (const fits of fitting) fits(input);
    },
    feed,
    evaluate: (_, batches, __, compute) => evaluateClassifier(network, measure, batches, compute),
    options: shaping(network, options),
    kernels: [...which],
    direction: (metric) => (metric === 'accuracy' || metric === 'top5' ? 'max' : 'min'),
  };
}

/** A first state with weights from a file. */
function storedIn(
  network: Network,
  weights: OpenWeights,
  withSlots: (weights: Pick<State, 'params' | 'stats'>) => State,
): Stored {
  return {
    title: weights.file.path,
    begin(key) {
      const loaded = loadWeights(network, weights, key);
      return { state: withSlots(loaded.weights), sentence: loaded.sentence };
    },
  };
}

function without(tensors: Tensors, names: ReadonlySet<string>): Tensors {
  if (names.size === 0) return tensors;
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => !names.has(name)));
}

/** The count of steps, where something needs it; names of slots are otherwise paths. */
const STEPS = '#steps';

/** What is on, as JSON; a teacher by its name. */
function shaping({ config }: Network, options: ParsedOptions): Record<string, unknown> {
  const known = { ...stepOptions.shape, ...objectiveOptions.shape };
  const { penalties, distill, frozen, depthDecay, ...plain } = switchedOn(
    Object.fromEntries(Object.entries(options).filter(([name]) => name in known)),
  ) as Partial<ParsedOptions>;
  const teacher = typeof distill?.teacher === 'string' ? distill.teacher : distill?.teacher.network.name;
  return {
    network: config,
    optimizer: options.optimizer.config,
    ...plain,
    ...(frozenPatterns(frozen) && { frozen: frozenPatterns(frozen) }),
    ...(depthDecay !== undefined && depthDecay !== 1 && { depthDecay }),
    ...(options.weights && { weights: { file: options.weights.file.path, head: options.weights.head } }),
    ...(penalties?.length && { penalties: penalties.map((penalty) => penalty.config) }),
    ...(distill && { distill: { ...distill, teacher } }),
  };
}

function parsed(
  owner: string,
  { optimizer, teacher: own, weights, ...given }: ClassifierOptions,
): ParsedOptions {
  const options = parseOptions(owner, shapingOptions, given);
  const { distill } = options;
  const teacher = own ?? (typeof distill?.teacher === 'object' ? distill.teacher : undefined);
  if (distill && !teacher)
    throw new UsageError(
      expected(`${owner}: distill.teacher`, 'a trained model', distill.teacher, 'load() it first'),
    );
  if (teacher && !distill)
    throw new UsageError(
      expected(`${owner}: teacher`, 'distill as well', undefined, 'give distill: { teacher }'),
    );
  return { ...options, optimizer, weights, teacher };
}
