/** The layers by name, for whoever reads them back from JSON. */
import { Registry } from '../../core/index.js';
import { batchNorm } from './batch-norm.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { flatten } from './flatten.js';
import { globalPool } from './global-pool.js';
import type { Layer, LayerConfig } from './layer.js';
import { avgPool, maxPool } from './pool.js';
import { relu } from './relu.js';
import { residual } from './residual.js';
import { sequential } from './sequential.js';
import { subsample } from './subsample.js';

export type { Layer, LayerConfig, ParamKind, ParamSpec, Shape } from './layer.js';
export {
  avgPool,
  batchNorm,
  conv2d,
  dense,
  dropout,
  flatten,
  globalPool,
  maxPool,
  relu,
  residual,
  sequential,
  subsample,
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
  plain('avgPool', avgPool),
  plain('batchNorm', batchNorm),
  plain('conv2d', conv2d),
  plain('dense', dense),
  plain('dropout', dropout),
  plain('flatten', flatten),
  plain('globalPool', globalPool),
  plain('maxPool', maxPool),
  plain('relu', relu),
  plain('subsample', subsample),
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
