/** All layers, and how a layer is made again from its configuration. */
import { Registry, withNewNames } from '../../core/index.js';
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

/** A layer with options alone. */
function plain(name: string, factory: (options: never) => Layer): LayerKind {
  return { name, from: ({ layer: _, ...options }) => factory(options as never) };
}

/** A layer whose first arguments are fields of its configuration. */
function leading(name: string, fields: readonly string[], factory: (...args: never[]) => Layer): LayerKind {
  return {
    name,
    from({ layer: _, ...config }) {
      const given = withNewNames(name, config);
      const options = Object.fromEntries(Object.entries(given).filter(([field]) => !fields.includes(field)));
      return factory(...([...fields.map((field) => given[field]), options] as never[]));
    },
  };
}

/**
 * The layers that `layerFrom` knows unless it is given others.
 *
 * @example
 * layerKinds.map(({ name }) => name).includes('dense') // → true
 */
export const layerKinds: readonly LayerKind[] = [
  leading('alphaDropout', ['rate'], alphaDropout),
  leading('attention', ['heads'], attention),
  leading('dropBlock', ['rate'], dropBlock),
  leading('dropConnect', ['units'], dropConnect),
  leading('embedding', ['vocabulary', 'units'], embedding),
  leading('embeddingDropout', ['rate'], embeddingDropout),
  leading('gaussianDropout', ['rate'], gaussianDropout),
  leading('ghostBatchNorm', ['size'], ghostBatchNorm),
  leading('groupNorm', ['groups'], groupNorm),
  plain('layerNorm', layerNorm),
  leading('shakeDrop', ['rate'], shakeDrop),
  leading('spatialDropout', ['rate'], spatialDropout),
  leading('standout', ['units'], standout),
  leading('stochasticDepth', ['rate'], stochasticDepth),
  leading('variationalGaussianDropout', ['rate'], variationalGaussianDropout),
  plain('gelu', gelu),
  leading('gru', ['units'], gru),
  leading('lstm', ['units'], lstm),
  plain('rows', rows),
  leading('patchEmbedding', ['width'], patchEmbedding),
  plain('classToken', classToken),
  plain('positionEmbedding', positionEmbedding),
  plain('tokenPool', tokenPool),
  leading('tiedTranspose', ['path'], tiedTranspose),
  leading('locallyConnected2d', ['filters'], locallyConnected2d),
  leading('twoPathShortcut', ['filters'], twoPathShortcut),
  leading('avgPool', ['size'], avgPool),
  plain('batchNorm', batchNorm),
  leading('classAffine', ['classes'], classAffine),
  leading('classEmbedding', ['classes'], classEmbedding),
  leading('conv2d', ['filters'], conv2d),
  leading('dense', ['units'], dense),
  leading('dropout', ['rate'], dropout),
  plain('flatten', flatten),
  plain('globalPool', globalPool),
  leading('maxPool', ['size'], maxPool),
  leading('leakyRelu', ['slope'], leakyRelu),
  plain('relu', relu),
  leading('reshape', ['shape'], reshape),
  plain('sigmoid', sigmoid),
  leading('subsample', ['filters'], subsample),
  plain('tanh', tanh),
  leading('upsample', ['factor'], upsample),
  {
    name: 'residual',
    from: ({ layer: _, body, shortcut, after, ...options }, make) =>
      residual(make(body as LayerConfig), {
        ...options,
        ...(shortcut !== undefined && { shortcut: make(shortcut as LayerConfig) }),
        ...(after !== undefined && { after: make(after as LayerConfig) }),
      }),
  },
  {
    name: 'spectralNorm',
    from: ({ layer: _, inner, ...options }, make) => spectralNorm(make(inner as LayerConfig), options),
  },
  {
    name: 'shakeShake',
    from: ({ layer: _, branches, ...options }, make) =>
      shakeShake((branches as LayerConfig[]).map(make) as unknown as [Layer, Layer], options),
  },
  {
    name: 'tied',
    from({ layer: _, inner, ...config }, make) {
      const { path, ...options } = withNewNames('tied', config);
      return tied(make(inner as LayerConfig), path as string, options);
    },
  },
  {
    name: 'sequential',
    from: ({ layer: _, layers, ...options }, make) =>
      sequential((layers as LayerConfig[]).map(make), options),
  },
];

/**
 * The layer that a configuration describes: the inverse of `layer.config`. It also reads configurations from checkpoints
 * written before 0.2.
 *
 * @param config Plain JSON.
 * @param kinds The kinds of layers that it may hold. Default: all of this package.
 * @throws UsageError if the configuration names no known layer, or has options that it does not take.
 * @example
 * layerFrom({ layer: 'dense', units: 10 }).config // → { layer: 'dense', units: 10, bias: true, initializer: 'heNormal' }
 */
export function layerFrom(config: LayerConfig, kinds: Iterable<LayerKind> = layerKinds): Layer {
  const registry = new Registry('layer', kinds);
  const make = (part: LayerConfig): Layer => registry.get(part.layer).from(part, make);
  return make(config);
}
