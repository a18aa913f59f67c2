/**
 * A model is a description: its name, the JSON that makes it again, and its layers for a number of
 * classes. It has no shape and no weights until `build` and `initialize` give it both.
 */

import { fold, type Key, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { InitScope, type Layer, type Pass, Scope, type StatSpec } from '../layers/layer.js';
import type { ParamSpec, Shape } from '../layers/param-spec.js';
import type { State, Tensors } from '../state/tensors.js';

/** Plain JSON from which `modelFrom` makes the model again. */
export interface ModelConfig {
  readonly model: string;
  readonly [option: string]: unknown;
}

export interface Model {
  /** 'resnet-20' */
  readonly name: string;
  readonly config: ModelConfig;
  /** From images [B, H, W, C] to logits [B, classes]. */
  layers(classes: number): Layer;
}

/** A model of one's own: `model('tiny', (classes) => sequential([flatten(), dense({ units: classes })]))`. */
export function model(name: string, layers: (classes: number) => Layer): Model {
  // The width of the last layer is the only thing that the classes decide, so the layers for any number of
  // them can be written down once that number is known; see `build`.
  return { name, config: { model: 'layers', name }, layers };
}

/** A model for one shape of image and one list of classes, and what its parameters are. */
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
}

export function build(
  { name, config, layers }: Model,
  { input, classes }: { readonly input: Shape; readonly classes: readonly string[] },
): Network {
  const root = layers(classes.length);
  const params: ParamSpec[] = [];
  const stats: StatSpec[] = [];
  const paths: string[] = [];
  const output = root.init(new InitScope({ params, stats, layers: paths }), input);
  if (output.length !== 1 || output[0] !== classes.length) {
    throw new RxaugError(
      `${name}: expected logits for ${classes.length} classes but its layers give [${output.join(', ')}]; end with dense({ units: classes })`,
    );
  }
  const whole: ModelConfig = config.model === 'layers' ? { ...config, layers: root.config } : config;
  return { name, config: whole, input, classes, root, params, stats, layers: paths };
}

/**
 * First parameters and statistics, a pure function of (network, key), each keyed by its own name, so that
 * another layer changes none of them. The tensors are the caller's.
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

/** What a forward pass gives beside its logits. */
export interface Forward {
  /** [B, classes] */
  readonly logits: tf.Tensor2D;
  /** Running statistics that the pass moved. */
  readonly updates: Tensors;
  /** Scalars to be added to the loss. */
  readonly losses: readonly tf.Tensor[];
}

export type Mode = Partial<
  Pick<Pass, 'training' | 'key' | 'progress' | 'monteCarlo' | 'visit' | 'condition'>
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
