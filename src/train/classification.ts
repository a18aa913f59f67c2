/**
 * The classifier's task. One step: forward, cross-entropy with smoothed labels, gradient, clipping, L2,
 * optimizer, decay; a pure function of (state, tensors, key).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import { measureOver } from './evaluate.js';
import { checkBatch, imagesOf, targetsOf } from './feed.js';
import { valueAndGradient } from './gradient.js';
import { accuracy, crossEntropy } from './losses/cross-entropy.js';
import { type labelSmoothingSchema, smoothLabels } from './losses/label-smoothing.js';
import { build, forward, initialise, type Model, type Network } from './models/model.js';
import { clipByGlobalNorm, clipByValue, globalNorm } from './optimizers/clip.js';
import { addL2, decayed, subtractSteps } from './optimizers/decay.js';
import type { Optimizer } from './optimizers/optimizer.js';
import type { Stepped, Task, TaskFor } from './task.js';
import type { State, Tensors } from './tensors.js';

export interface ClassificationOptions {
  readonly model: Model;
  readonly optimizer: Optimizer;
  /** λ of decoupled weight decay. */
  readonly weightDecay: number;
  /** λ of the L2 penalty. */
  readonly l2: number;
  readonly labelSmoothing: z.output<typeof labelSmoothingSchema>;
  /** Largest norm of all gradients together. */
  readonly clipNorm?: number;
  /** Largest size of any one number in a gradient. */
  readonly clipValue?: number;
}

export interface ClassifierTask extends Task {
  readonly network: Network;
}

export function classification({ model, ...options }: ClassificationOptions): TaskFor<ClassifierTask> {
  return (look) => classifier(build(model, look), options);
}

export function classifier(network: Network, options: Omit<ClassificationOptions, 'model'>): ClassifierTask {
  const { optimizer, weightDecay, l2, labelSmoothing, clipNorm, clipValue } = options;
  const which = decayed(network.params);
  const { name, config, input, classes } = network;

  const init: Task['init'] = (key) => {
    const { params, stats } = initialise(network, key);
    return { params, stats, slots: optimizer.init(params) };
  };

  const step: Task['step'] = (state, feed, { key, progress }): Stepped => {
    const { images, targets, learningRate } = feed as typeof feed & Feed;
    const { loss, gradients, aux } = valueAndGradient(() => {
      const mode = { training: true, key, progress };
      const { logits, updates, losses } = forward(network, state, images, mode);
      const entropy = crossEntropy(logits, smoothLabels(targets, labelSmoothing, progress));
      return {
        loss: losses.length === 0 ? entropy : tf.addN([entropy, ...(losses as tf.Scalar[])]),
        aux: { ...updates, [ACCURACY]: accuracy(logits, targets) },
      };
    }, state.params);
    const { [ACCURACY]: correct, ...updates } = aux;
    const metrics: Record<string, tf.Tensor> = { loss, accuracy: correct };

    let clipped = gradients;
    if (clipValue !== undefined) clipped = clipByValue(clipped, clipValue);
    if (clipNorm !== undefined) {
      const norm = globalNorm(clipped);
      metrics.gradientNorm = norm;
      clipped = clipByGlobalNorm(clipped, clipNorm, norm);
    }
    const total = addL2(clipped, state.params, l2, which); // after clipping, as in PyTorch
    const { steps, slots } = optimizer.update(total, state.slots, learningRate);
    const params = subtractSteps(state.params, steps, { lambda: weightDecay, learningRate, which });
    return { state: { params, stats: { ...state.stats, ...updates }, slots }, metrics };
  };

  return {
    name,
    network,
    look: { input, classes },
    identity: { task: 'classification', model: config, optimizer: optimizer.config.optimizer },
    init,
    step,
    check: (batch) => checkBatch(batch, network),
    feed,
    evaluate: (state, batches) => evaluateClassifier(network, state, batches),
    direction: (metric) => (metric === 'accuracy' ? 'max' : 'min'),
  };
}

/** Beside the names of running statistics, which are paths. */
const ACCURACY = '#accuracy';

interface Feed {
  readonly images: tf.Tensor4D;
  readonly targets: tf.Tensor2D;
}

function feed(batch: Parameters<Task['feed']>[0]): Feed & Tensors {
  return { images: imagesOf(batch), targets: targetsOf(batch) };
}

/** Mean loss (without smoothing) and top-1 accuracy in inference mode. */
export function evaluateClassifier(
  network: Network,
  state: Pick<State, 'params' | 'stats'>,
  batches: Parameters<Task['evaluate']>[1],
): ReturnType<Task['evaluate']> {
  return measureOver(batches, (batch) => {
    checkBatch(batch, network, 'evaluation');
    const { images, targets } = feed(batch);
    const { logits } = forward(network, state, images);
    return { loss: crossEntropy(logits, targets), accuracy: accuracy(logits, targets) };
  });
}
