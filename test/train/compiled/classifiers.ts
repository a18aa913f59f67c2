/** Each model, each option of a classifier and each optimizer, at the smallest sizes. */
import { keyOf, linear } from '../../../src/core/index.js';
import type { ClassifierOptions } from '../../../src/train/classification/task.js';
import {
  adam,
  adamw,
  cnn,
  elasticNet,
  l1,
  l2,
  linearModel,
  type Model,
  maxNorm,
  mlp,
  model,
  orthogonal,
  resnet,
  resnet18,
  resnet34,
  resnet50,
  rowRnn,
  sgd,
  shakeShakeResnet,
  spectral,
  vit,
  wideResnet,
} from '../../../src/train/index.js';
import { conv2d, dense, flatten, sequential } from '../../../src/train/layers/index.js';
import { build, initialize } from '../../../src/train/models/model.js';
import { disposeState } from '../../../src/train/state/tensors.js';
import { classifierEntry, type Entry, spec } from './entry.js';

const rising = linear(0, 0.4);

const quiet: Readonly<Record<string, Model>> = {
  cnn: cnn({ filters: [4, 6] }),
  'linear model': linearModel(),
  mlp: mlp({ hidden: [8] }),
  'resnet-8': resnet(8, { width: 4 }),
  'rowRnn of lstm': rowRnn({ units: 6, layers: 2 }),
  vit: vit({ width: 8, depth: 2, heads: 2 }),
  'wideResnet-10': wideResnet(10, 0.25),
  'model of layers': model('own', (classes) => sequential([conv2d(2), flatten(), dense(classes)])),
};

const noisy: Readonly<Record<string, Model>> = {
  'cnn with scheduled dropout': cnn({ filters: [4], dropout: rising }),
  'mlp with scheduled dropout': mlp({ hidden: [8, 6], dropout: rising }),
  'resnet-8 with all noise': resnet(8, { width: 4, shortcut: 'B', stochasticDepth: rising, dropout: rising }),
  'rowRnn of gru with all noise': rowRnn({
    cell: 'gru',
    units: 6,
    dropout: rising,
    recurrentDropout: rising,
  }),
  'shakeShakeResnet-8': shakeShakeResnet(8, 4),
  'vit with all noise': vit({
    width: 8,
    depth: 2,
    heads: 2,
    pool: 'mean',
    gelu: 'tanh',
    dropout: rising,
    attentionDropout: rising,
    embeddingDropout: rising,
    stochasticDepth: rising,
  }),
  'wideResnet-10 with all noise': wideResnet(10, 0.25, { dropout: rising, stochasticDepth: rising }),
};

/** ResNets for photos halve the image five times. */
const large: Readonly<Record<string, Model>> = {
  resnet18: resnet18({ width: 4, stochasticDepth: rising, dropout: rising }),
  resnet34: resnet34({ width: 4, stochasticDepth: rising, dropout: rising }),
  resnet50: resnet50({ width: 4, stochasticDepth: rising, dropout: rising }),
};

/** A network of convolutions, batch norm, a stage that has a name, and noise. */
const student = () => resnet(8, { width: 4, dropout: 0.2 });
/** A quicker one. */
const quick = () => mlp({ hidden: [8] });

type Options = Partial<ClassifierOptions>;

const options: Readonly<Record<string, Options>> = {
  'labelSmoothing, constant': { labelSmoothing: 0.1 },
  'labelSmoothing, scheduled': { labelSmoothing: linear(0.2, 0.05) },
  'labelSmoothing, scheduled from 0': { labelSmoothing: linear(0, 0.2) },
  'labelSmoothing of the other classes': { labelSmoothing: { epsilon: rising, form: 'off-class' } },
  'confidencePenalty, constant': { confidencePenalty: 0.1 },
  'confidencePenalty, scheduled from 0': { confidencePenalty: rising },
  'entropyMinimization, constant': { entropyMinimization: 0.1 },
  'entropyMinimization, scheduled from 0': { entropyMinimization: rising },
  'entropy of both signs': { entropyMinimization: linear(0, 0.2), confidencePenalty: linear(0.2, 0) },
  weightDecay: { weightDecay: 0.01 },
  l2: { l2: 0.01 },
  clipNorm: { clipNorm: 0.1 },
  clipValue: { clipValue: 0.01 },
  adaptiveClip: { adaptiveClip: { threshold: 0.01 } },
  sam: { sam: 0.05 },
  depthDecay: { depthDecay: 0.7 },
  ema: { ema: { decay: 0.9 } },
  'l1 by subgradient': { penalties: [l1(1e-3)] },
  'l1 by proximal steps': { penalties: [l1(1e-3, { form: 'proximal' })] },
  'l2 of the head': { penalties: [l2(1e-2, { params: 'head' })] },
  elasticNet: { penalties: [elasticNet({ l1: 1e-3, l2: 1e-3 })] },
  maxNorm: { penalties: [maxNorm(0.5)] },
  orthogonal: { penalties: [orthogonal(1e-2)] },
  spectral: { penalties: [spectral(1e-2, { iterations: 3 })] },
};

/** Those that draw, or need stages. */
const onResnet: Readonly<Record<string, Options>> = {
  gradientNoise: { gradientNoise: { eta: 0.01 } },
  rDrop: { rDrop: 1 },
  manifoldMixup: { manifoldMixup: { alpha: 2 } },
  'frozen layers': { frozen: ['stem', 'stage1', '**/norm1'], ema: { decay: 0.9 } },
  'everything that acts on weights': {
    weightDecay: 0.01,
    l2: 0.01,
    penalties: [l1(1e-3, { form: 'proximal' }), maxNorm(0.5)],
    gradientNoise: {},
    adaptiveClip: {},
    clipNorm: 1,
    clipValue: 0.1,
    sam: 0.05,
    ema: { decay: 0.9 },
    depthDecay: 0.8,
    frozen: 'stage1',
    optimizer: adamw(),
  },
  'everything in the loss': {
    labelSmoothing: rising,
    confidencePenalty: linear(0.1, 0),
    rDrop: 0.5,
    manifoldMixup: { alpha: 1 },
  },
};

const optimizers: Readonly<Record<string, Options>> = {
  'sgd without momentum': { optimizer: sgd({ momentum: 0 }) },
  'sgd with momentum': { optimizer: sgd({ momentum: 0.9 }) },
  'sgd with Nesterov momentum': { optimizer: sgd({ momentum: 0.9, nesterov: true }) },
  adam: { optimizer: adam() },
  'adam, other constants': { optimizer: adam({ beta1: 0.5, beta2: 0.9, epsilon: 1e-4 }) },
  'adamw with weight decay': { optimizer: adamw(), weightDecay: 0.01 },
};

/** A teacher of other classes' order, whose weights are its first ones. */
function distilling(more: Options = {}): Options & { dispose(): void } {
  const { input, classes } = spec([8, 8, 3]);
  // Its first kernel has so many numbers that a graph does not hold it.
  const network = build(mlp({ hidden: [64] }), { input, classes: [...classes].reverse() });
  const weights = initialize(network, keyOf(8));
  return {
    ...more,
    distill: { teacher: network.name, temperature: 2, weight: 0.4 },
    // Only these are read of it.
    teacher: { network, weights } as never,
    dispose: () => disposeState({ ...weights, slots: {} }),
  };
}

export const classifierEntries: readonly Entry[] = [
  ...Object.entries(quiet).map(([name, of]) => classifierEntry(name, of)),
  ...Object.entries(noisy).map(([name, of]) => classifierEntry(name, of, { draws: true })),
  ...Object.entries(large).map(([name, of]) =>
    classifierEntry(name, of, {
      draws: true,
      look: { input: [32, 32, 3], learningRate: 1e-3 },
      chaotic: true,
    }),
  ),
  ...Object.entries({ ...options, ...optimizers }).map(([name, given]) =>
    classifierEntry(name, quick(), { options: () => given }),
  ),
  ...Object.entries(onResnet).map(([name, given]) =>
    classifierEntry(name, student(), { draws: true, options: () => given }),
  ),
  classifierEntry('distill', quick(), { options: distilling }),
  classifierEntry('distill with manifoldMixup', student(), {
    draws: true,
    options: () => distilling({ manifoldMixup: {} }),
  }),
];
