/** All models, and how a model is made again from its configuration. */
import { Registry } from '../../core/index.js';
import { layerFrom } from '../layers/index.js';
import type { LayerConfig } from '../layers/layer.js';
import { cnn } from './cnn.js';
import { resnet18, resnet34, resnet50 } from './imagenet-resnet.js';
import { linearModel } from './linear-model.js';
import { mlp } from './mlp.js';
import type { Model, ModelConfig } from './model.js';
import { resnet } from './resnet.js';
import { rowRnn } from './row-rnn.js';
import { shakeShakeResnet } from './shake-shake-resnet.js';
import { vit, vitS16 } from './vit.js';
import { wideResnet } from './wide-resnet.js';

export { type Model, type ModelConfig, model, type Network } from './model.js';
export type { StoredTensor, WeightLayout } from './weight-layout.js';
export {
  cnn,
  linearModel,
  mlp,
  resnet,
  resnet18,
  resnet34,
  resnet50,
  rowRnn,
  shakeShakeResnet,
  vit,
  vitS16,
  wideResnet,
};

/** How a kind of model is made from its configuration. */
export interface ModelKind {
  readonly name: string;
  from(config: ModelConfig): Model;
}

/**
 * The models that `modelFrom` knows unless it is given others.
 *
 * @example
 * modelKinds.map(({ name }) => name).includes('vit') // → true
 */
export const modelKinds: readonly ModelKind[] = [
  { name: 'cnn', from: ({ model: _, ...options }) => cnn(options) },
  { name: 'mlp', from: ({ model: _, ...options }) => mlp(options) },
  { name: 'resnet', from: ({ model: _, depth, ...options }) => resnet(depth as 20, options) },
  { name: 'resnet18', from: ({ model: _, ...options }) => resnet18(options) },
  { name: 'resnet34', from: ({ model: _, ...options }) => resnet34(options) },
  { name: 'resnet50', from: ({ model: _, ...options }) => resnet50(options) },
  { name: 'rowRnn', from: ({ model: _, ...options }) => rowRnn(options) },
  {
    name: 'shakeShakeResnet',
    from: ({ model: _, depth, width, ...options }) =>
      shakeShakeResnet(depth as number, width as number, options),
  },
  { name: 'vit', from: ({ model: _, ...options }) => vit(options) },
  {
    name: 'wideResnet',
    from: ({ model: _, depth, width, ...options }) => wideResnet(depth as number, width as number, options),
  },
  {
    name: 'layers',
    from: (config) => ({
      name: config.name as string,
      config,
      layers: () => layerFrom(config.layers as LayerConfig),
    }),
  },
];

/**
 * The model that a configuration describes: the inverse of `model.config`. It also reads configurations from checkpoints
 * written before 0.2.
 *
 * @param config Plain JSON.
 * @param kinds The kinds of models that it may name. Default: all of this package, and `model(…)` of layers.
 * @throws UsageError if the configuration names no known model, or has options that it does not take.
 * @example
 * modelFrom({ model: 'resnet', depth: 20 }).name // → 'resnet-20'
 */
export function modelFrom(config: ModelConfig, kinds: Iterable<ModelKind> = modelKinds): Model {
  return new Registry('model', kinds).get(config.model).from(config);
}
