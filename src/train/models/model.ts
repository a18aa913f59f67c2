/** Models, the networks that are built from them, and the forward pass. */

import { fold, type Key, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { InitScope, type Layer, type Pass, Scope, type StatSpec } from '../layers/layer.js';
import type { ParamSpec, Shape } from '../layers/param-spec.js';
import type { State, Tensors } from '../state/tensors.js';
import type { WeightLayout } from './weight-layout.js';

/** Plain JSON from which `modelFrom` makes the model again; checkpoints hold it. */
export interface ModelConfig {
  readonly model: string;
  readonly [option: string]: unknown;
}

/**
 * A description of a model: its name, the JSON that makes it again, and its layers for a number of classes. It has no shape
 * and no weights; training builds it for a shape of image and a list of classes.
 */
export interface Model {
  /** Such as 'resnet-20'. */
  readonly name: string;
  readonly config: ModelConfig;
  /** From images [B, H, W, C] to logits [B, classes]. */
  layers(classes: number): Layer;
  /** What published files of its weights call its parameters; absent: there are none. */
  readonly weights?: WeightLayout;
}

/**
 * A model of your own from layers.
 *
 * @param name Its name, in logs and checkpoints.
 * @param layers The layers for a number of classes, from images [B, H, W, C] to logits [B, classes].
 * @throws RxaugError when it is built, if the layers do not end in logits for the classes: end with dense(classes).
 * @example
 * model('tiny', (classes) => sequential([flatten(), dense(classes)])).name // → 'tiny'
 */
export function model(name: string, layers: (classes: number) => Layer): Model {
  // The layers are known once the number of classes is; `build` then puts them into the configuration.
  return { name, config: { model: 'layers', name }, layers };
}

/** A model built for one shape of image and one list of classes, with its parameters. */
export interface Network {
  readonly name: string;
  readonly config: ModelConfig;
  readonly input: Shape;
  readonly classes: readonly string[];
  readonly root: Layer;
  readonly params: readonly ParamSpec[];
  readonly stats: readonly StatSpec[];
  /** Paths of the layers inside every `sequential`, in the order of computation. */
  readonly layers: readonly string[];
  /** Of its model. */
  readonly weights?: WeightLayout;
}

/**
 * Builds a model for images of one shape and a list of classes.
 *
 * @throws UsageError if a layer does not fit its input.
 * @throws RxaugError if the layers do not end in logits for the classes.
 */
export function build(
  { name, config, layers, weights }: Model,
  { input, classes }: { readonly input: Shape; readonly classes: readonly string[] },
): Network {
  const root = layers(classes.length);
  const params: ParamSpec[] = [];
  const stats: StatSpec[] = [];
  const paths: string[] = [];
  const output = root.init(new InitScope({ params, stats, layers: paths }), input);
  if (output.length !== 1 || output[0] !== classes.length) {
    throw new RxaugError(
      `${name}: expected logits for ${classes.length} classes but its layers give [${output.join(', ')}]; end with dense(classes)`,
    );
  }
  const whole: ModelConfig = config.model === 'layers' ? { ...config, layers: root.config } : config;
  return { name, config: whole, input, classes, root, params, stats, layers: paths, weights };
}

/**
 * First parameters and statistics, a pure function of (network, key). Each is keyed by its own name, so adding a layer
 * changes none of the others. The caller disposes of the tensors.
 */
export function initialize(
  { params, stats }: Pick<Network, 'params' | 'stats'>,
  key: Key,
): Pick<State, 'params' | 'stats'> {
  const root = fold(key, tag('init'));
  return {
    params: Object.fromEntries(
      params.map((spec) => [
        spec.name,
        tf.tensor(spec.initial(fold(root, tag(spec.name)), spec), [...spec.shape]),
      ]),
    ),
    stats: Object.fromEntries(stats.map(({ name, shape, initial }) => [name, tf.fill([...shape], initial)])),
  };
}

/** Result of a forward pass. */
export interface Forward {
  /** [B, classes] */
  readonly logits: tf.Tensor2D;
  /** Running statistics after the pass. */
  readonly updates: Tensors;
  /** Scalars that layers add to the loss. */
  readonly losses: readonly tf.Tensor[];
}

export type Mode = Partial<
  Pick<Pass, 'training' | 'key' | 'progress' | 'monteCarlo' | 'visit' | 'condition' | 'frozen'>
>;

/** Images [B, H, W, C] → logits. Call it inside `tf.tidy`. */
export function forward(
  network: Pick<Network, 'root'>,
  { params, stats }: Pick<State, 'params' | 'stats'>,
  images: tf.Tensor,
  { training = false, key = { a: 0, b: 0 }, progress = 0, ...more }: Mode = {},
): Forward {
  const pass: Pass = { params, stats, training, key, progress, updates: {}, losses: [], ...more };
  const logits = network.root.apply(new Scope(pass), images) as tf.Tensor2D;
  return { logits, updates: pass.updates, losses: pass.losses };
}
