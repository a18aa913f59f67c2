/** Each layer in a small network. Rates are constant, scheduled, scheduled from 0, and 0 again after a step. */
import { linear, type Scheduled, steps } from '../../../src/core/index.js';
import {
  alphaDropout,
  attention,
  avgPool,
  batchNorm,
  classToken,
  conv2d,
  dense,
  dropBlock,
  dropConnect,
  dropout,
  embedding,
  embeddingDropout,
  flatten,
  gaussianDropout,
  gelu,
  ghostBatchNorm,
  globalPool,
  groupNorm,
  gru,
  type Layer,
  layerNorm,
  leakyRelu,
  locallyConnected2d,
  lstm,
  maxPool,
  patchEmbedding,
  positionEmbedding,
  relu,
  reshape,
  residual,
  rows,
  sequential,
  shakeDrop,
  shakeShake,
  sigmoid,
  spatialDropout,
  spectralNorm,
  standout,
  stochasticDepth,
  subsample,
  tanh,
  tied,
  tiedTranspose,
  tokenPool,
  twoPathShortcut,
  upsample,
  variationalGaussianDropout,
} from '../../../src/train/layers/index.js';
import { type Entry, layersEntry } from './entry.js';

type Stack = (classes: number) => Layer[];

/** Layers on images [8, 8, 4], on tokens [4, 8], on vectors [8]. */
const onImages =
  (...layers: Layer[]): Stack =>
  (classes) => [conv2d(4, { stride: 1 }), ...layers, flatten(), dense(classes)];
const onTokens =
  (...layers: Layer[]): Stack =>
  (classes) => [patchEmbedding(8, { patch: 4 }), ...layers, tokenPool(), dense(classes)];
const onVectors =
  (...layers: Layer[]): Stack =>
  (classes) => [flatten(), dense(8), ...layers, dense(classes)];

/** A body whose last layer acts on all of it. */
const inResidual = (last: Layer): Stack =>
  onImages(residual(sequential([conv2d(4), batchNorm(), last]), { after: relu() }));

const branch = () => sequential([relu(), conv2d(4), batchNorm()]);

/** What has a rate that may follow a schedule. */
const rated: Readonly<Record<string, (rate: Scheduled) => Stack>> = {
  alphaDropout: (rate) => onVectors(alphaDropout(rate)),
  'attention dropout': (dropout) => onTokens(positionEmbedding(), attention(2, { dropout })),
  dropBlock: (rate) => onImages(dropBlock(rate, { size: 3 })),
  dropout: (rate) => onVectors(relu(), dropout(rate)),
  embeddingDropout: (rate) => onTokens(embeddingDropout(rate)),
  gaussianDropout: (rate) => onVectors(gaussianDropout(rate)),
  'gru inputDropout': (inputDropout) => onTokens(gru(8, { inputDropout, returnSequences: true })),
  'gru recurrentDropout': (recurrentDropout) => onTokens(gru(8, { recurrentDropout, returnSequences: true })),
  'lstm inputDropout': (inputDropout) => onTokens(lstm(8, { inputDropout, returnSequences: true })),
  'lstm recurrentDropout': (recurrentDropout) =>
    onTokens(lstm(8, { recurrentDropout, returnSequences: true })),
  spatialDropout: (rate) => onImages(spatialDropout(rate)),
  stochasticDepth: (rate) => inResidual(stochasticDepth(rate)),
  'stochasticDepth of the batch': (rate) => inResidual(stochasticDepth(rate, { mode: 'batch' })),
};

/** Tokens of a table of five words. */
const words =
  (rate: Scheduled): Stack =>
  (classes) => [
    flatten(),
    embedding(5, 4, { rate, name: 'words' }),
    tiedTranspose('words'),
    tokenPool(),
    dense(classes),
  ];

const rates: Readonly<Record<string, Scheduled>> = {
  constant: 0.3,
  scheduled: linear(0.1, 0.4),
  'scheduled from 0': linear(0, 0.4),
  'scheduled in steps': steps([0, 0.3, 0], [0.1, 0.2]),
};

/** Others that draw. */
const noisy: Readonly<Record<string, Stack>> = {
  'dropConnect by example': onVectors(dropConnect(8, { rate: 0.3 })),
  'dropConnect by step': onVectors(dropConnect(8, { rate: 0.3, masks: 'step', activation: 'linear' })),
  'dropout, traditional': onVectors(dropout(0.3, { form: 'traditional' })),
  shakeDrop: inResidual(shakeDrop(0.5)),
  'shakeShake by sample': onImages(residual(shakeShake([branch(), branch()]))),
  'shakeShake by batch, kept': onImages(
    residual(shakeShake([branch(), branch()], { mode: 'batch', backward: 'keep' })),
  ),
  standout: onVectors(standout(8, { alpha: 0.5, beta: 0.5 })),
  'stochasticDepth, traditional': inResidual(stochasticDepth(0.3, { form: 'traditional' })),
  'variationalGaussianDropout by unit': onVectors(variationalGaussianDropout(0.2)),
  'variationalGaussianDropout by layer': onVectors(variationalGaussianDropout(0.2, { granularity: 'layer' })),
};

/** Those that draw nothing. */
const quiet: Readonly<Record<string, Stack>> = {
  'avgPool, upsample': onImages(avgPool(2), upsample(2), avgPool(3, { stride: 2 })),
  batchNorm: onImages(batchNorm(), relu()),
  'classToken, positionEmbedding': (classes) => [
    patchEmbedding(8, { patch: 4 }),
    classToken(),
    positionEmbedding(),
    attention(2),
    tokenPool({ mode: 'first' }),
    dense(classes),
  ],
  'conv2d with padding, stride and no bias': onImages(
    conv2d(3, { kernel: 5, stride: 2, padding: 2, bias: false }),
    conv2d(4, { kernel: 1, padding: 'valid' }),
  ),
  'conv2d, kernel of 4': onImages(conv2d(4, { kernel: 4, stride: 2 }), leakyRelu()),
  'gelu erf': onVectors(gelu({ form: 'erf' })),
  'gelu tanh': onVectors(gelu({ form: 'tanh' })),
  'ghostBatchNorm, equal parts': onImages(ghostBatchNorm(3), relu()),
  'ghostBatchNorm, unequal parts': onImages(ghostBatchNorm(2), relu()),
  globalPool: (classes) => [conv2d(4), relu(), globalPool(), dense(classes)],
  groupNorm: onImages(groupNorm(2)),
  'gru, last state': (classes) => [rows(), gru(6), dense(classes)],
  'layerNorm of tokens': onTokens(layerNorm()),
  'lstm, last state': (classes) => [rows(), lstm(6), dense(classes)],
  locallyConnected2d: onImages(locallyConnected2d(3, { stride: 2 }), relu()),
  'maxPool with padding': onImages(maxPool(3, { stride: 2, padding: 1 })),
  'maxPool without': onImages(maxPool(2)),
  reshape: (classes) => [flatten(), dense(16), reshape([4, 4, 1]), conv2d(2), flatten(), dense(classes)],
  'residual with a shortcut': onImages(
    residual(conv2d(6, { stride: 2 }), { shortcut: subsample(6), after: relu() }),
  ),
  'shakeShake, even': onImages(
    residual(shakeShake([branch(), branch()], { forward: 'even', backward: 'even' })),
  ),
  'sigmoid, tanh': onVectors(sigmoid(), dense(8), tanh()),
  'spectralNorm of conv2d and dense': (classes) => [
    spectralNorm(conv2d(4), { iterations: 2 }),
    relu(),
    flatten(),
    spectralNorm(dense(classes)),
  ],
  tied: (classes) => [
    flatten(),
    dense(8),
    dense(8, { name: 'first' }),
    relu(),
    tied(dense(8), 'first', { name: 'again' }),
    dense(classes),
  ],
  'tiedTranspose of dense': (classes) => [
    flatten(),
    dense(8),
    dense(5, { name: 'encoder' }),
    tiedTranspose('encoder'),
    dense(classes),
  ],
  twoPathShortcut: onImages(residual(conv2d(6, { stride: 2 }), { shortcut: twoPathShortcut(6) })),
};

export const layerEntries: readonly Entry[] = [
  ...Object.entries(rated).flatMap(([name, stack]) =>
    Object.entries(rates).map(([how, rate]) => layersEntry(`${name}, ${how}`, stack(rate), { draws: true })),
  ),
  ...Object.entries(rates).map(([how, rate]) =>
    layersEntry(`embedding, ${how}`, words(rate), { draws: true, look: { input: [1, 6, 1], whole: 5 } }),
  ),
  ...Object.entries(noisy).map(([name, stack]) => layersEntry(name, stack, { draws: true })),
  ...Object.entries(quiet).map(([name, stack]) => layersEntry(name, stack)),
];
