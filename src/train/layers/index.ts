/** The layers by name, for whoever reads them back from JSON. */
import { Registry } from '../../core/index.js';
import { alphaDropout } from './alpha-dropout.js';
import { attention } from './attention.js';
import { batchNorm } from './batch-norm.js';
import { classAffine } from './class-affine.js';
import { classEmbedding } from './class-embedding.js';
import { classToken } from './class-token.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropBlock } from './drop-block.js';
import { dropConnect } from './drop-connect.js';
import { dropout } from './dropout.js';
import { embedding } from './embedding.js';
import { embeddingDropout } from './embedding-dropout.js';
import { flatten } from './flatten.js';
import { gaussianDropout } from './gaussian-dropout.js';
import { gelu } from './gelu.js';
import { ghostBatchNorm } from './ghost-batch-norm.js';
import { globalPool } from './global-pool.js';
import { groupNorm } from './group-norm.js';
import { gru } from './gru.js';
import type { Layer, LayerConfig } from './layer.js';
import { layerNorm } from './layer-norm.js';
import { leakyRelu } from './leaky-relu.js';
import { locallyConnected2d } from './locally-connected2d.js';
import { lstm } from './lstm.js';
import { patchEmbedding } from './patch-embedding.js';
import { avgPool, maxPool } from './pool.js';
import { positionEmbedding } from './position-embedding.js';
import { relu } from './relu.js';
import { reshape } from './reshape.js';
import { residual } from './residual.js';
import { rows } from './rows.js';
import { sequential } from './sequential.js';
import { shakeDrop } from './shake-drop.js';
import { shakeShake } from './shake-shake.js';
import { spatialDropout } from './spatial-dropout.js';
import { spectralNorm } from './spectral-norm.js';
import { sigmoid, tanh } from './squash.js';
import { standout } from './standout.js';
import { stochasticDepth } from './stochastic-depth.js';
import { subsample } from './subsample.js';
import { tied } from './tied.js';
import { tiedTranspose } from './tied-transpose.js';
import { tokenPool } from './token-pool.js';
import { twoPathShortcut } from './two-path-shortcut.js';
import { upsample } from './upsample.js';
import { variationalGaussianDropout } from './variational-gaussian-dropout.js';

export type { Layer, LayerConfig } from './layer.js';
export type { ParamKind, ParamSpec, Shape } from './param-spec.js';
export {
  alphaDropout,
  attention,
  avgPool,
  batchNorm,
  classAffine,
  classEmbedding,
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
};

/** How a kind of layer is made from its configuration; `make` makes the layers inside it. */
export interface LayerKind {
  readonly name: string;
  from(config: LayerConfig, make: (config: LayerConfig) => Layer): Layer;
}

/** A layer whose configuration is its options. */
function plain(name: string, factory: (options: never) => Layer): LayerKind {
  return { name, from: ({ layer: _, ...options }) => factory(options as never) };
}

export const layerKinds: readonly LayerKind[] = [
  plain('alphaDropout', alphaDropout),
  plain('attention', attention),
  plain('dropBlock', dropBlock),
  plain('dropConnect', dropConnect),
  plain('embedding', embedding),
  plain('embeddingDropout', embeddingDropout),
  plain('gaussianDropout', gaussianDropout),
  plain('ghostBatchNorm', ghostBatchNorm),
  plain('groupNorm', groupNorm),
  plain('layerNorm', layerNorm),
  plain('shakeDrop', shakeDrop),
  plain('spatialDropout', spatialDropout),
  plain('standout', standout),
  plain('stochasticDepth', stochasticDepth),
  plain('variationalGaussianDropout', variationalGaussianDropout),
  plain('gelu', gelu),
  plain('gru', gru),
  plain('lstm', lstm),
  plain('rows', rows),
  plain('patchEmbedding', patchEmbedding),
  plain('classToken', classToken),
  plain('positionEmbedding', positionEmbedding),
  plain('tokenPool', tokenPool),
  plain('tiedTranspose', tiedTranspose),
  plain('locallyConnected2d', locallyConnected2d),
  plain('twoPathShortcut', twoPathShortcut),
  plain('avgPool', avgPool),
  plain('batchNorm', batchNorm),
  plain('classAffine', classAffine),
  plain('classEmbedding', classEmbedding),
  plain('conv2d', conv2d),
  plain('dense', dense),
  plain('dropout', dropout),
  plain('flatten', flatten),
  plain('globalPool', globalPool),
  plain('maxPool', maxPool),
  plain('leakyRelu', leakyRelu),
  plain('relu', relu),
  plain('reshape', reshape),
  plain('sigmoid', sigmoid),
  plain('subsample', subsample),
  plain('tanh', tanh),
  plain('upsample', upsample),
  {
    name: 'residual',
    from: ({ name, body, shortcut, after }, make) =>
      residual({
        name,
        body: make(body as LayerConfig),
        shortcut: shortcut ? make(shortcut as LayerConfig) : undefined,
        after: after ? make(after as LayerConfig) : undefined,
      }),
  },
  {
    name: 'spectralNorm',
    from: ({ layer: _, inner, ...options }, make) => spectralNorm(make(inner as LayerConfig), options),
  },
  {
    name: 'shakeShake',
    from: ({ layer: _, branches, ...options }, make) => {
      const [first, second] = (branches as LayerConfig[]).map(make);
      return shakeShake({ ...options, branches: [first, second] });
    },
  },
  {
    name: 'tied',
    from: ({ layer: _, inner, to, ...options }, make) =>
      tied(make(inner as LayerConfig), to as string, options),
  },
  {
    name: 'sequential',
    from: ({ name, layers }, make) =>
      sequential((layers as LayerConfig[]).map(make), name === undefined ? {} : { name }),
  },
];

/** The layer that a configuration describes. */
export function layerFrom(config: LayerConfig, kinds: Iterable<LayerKind> = layerKinds): Layer {
  const registry = new Registry('layer', kinds);
  const make = (part: LayerConfig): Layer => registry.get(part.layer).from(part, make);
  return make(config);
}
