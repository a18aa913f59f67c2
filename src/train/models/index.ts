/** The models by name, for whoever reads them back from JSON: a checkpoint, a command line. */
import { Registry } from '../../core/index.js';
import { layerFrom } from '../layers/index.js';
import type { LayerConfig } from '../layers/layer.js';
import { cnn } from './cnn.js';
import { linearModel } from './linear-model.js';
import { mlp } from './mlp.js';
import type { Model, ModelConfig } from './model.js';
import { resnet } from './resnet.js';
import { rowRnn } from './row-rnn.js';
import { shakeShakeResnet } from './shake-shake-resnet.js';
import { vit } from './vit.js';
import { wideResnet } from './wide-resnet.js';

export { type Model, type ModelConfig, model, type Network } from './model.js';
export { cnn, linearModel, mlp, resnet, rowRnn, shakeShakeResnet, vit, wideResnet };

export interface ModelKind {
  readonly name: string;
  from(config: ModelConfig): Model;
}

export const modelKinds: readonly ModelKind[] = [
  { name: 'cnn', from: ({ model: _, ...options }) => cnn(options) },
  { name: 'mlp', from: ({ model: _, ...options }) => mlp(options) },
  { name: 'resnet', from: ({ model: _, depth, ...options }) => resnet(depth as 20, options) },
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

/** The model that a configuration describes. */
export function modelFrom(config: ModelConfig, kinds: Iterable<ModelKind> = modelKinds): Model {
  return new Registry('model', kinds).get(config.model).from(config);
}
