import type { Key } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { InitScope, type Layer, Scope, type StatSpec } from '../train/layers/layer.js';
import type { ParamSpec, Shape } from '../train/layers/param-spec.js';
import { initialize, type Mode } from '../train/models/model.js';
import type { State, Tensors } from '../train/state/tensors.js';

/**
 * A part of a model that learns on its own: an encoder, a generator, a critic. All parts of a training share one state,
 * and so one checkpoint; the name of a part is the prefix of its parameters: 'critic/conv1/kernel'.
 */
export interface Part {
  readonly name: string;
  readonly root: Layer;
  /** Without the batch axis. */
  readonly input: Shape;
  readonly output: Shape;
  readonly params: readonly ParamSpec[];
  readonly stats: readonly StatSpec[];
}

export type Weights = Pick<State, 'params' | 'stats'>;

export function part(name: string, root: Layer, input: Shape): Part {
  const params: ParamSpec[] = [];
  const stats: StatSpec[] = [];
  const output = root.init(new InitScope({ params, stats }, `${name}/`), input);
  return { name, root, input, output, params, stats };
}

/** Initial weights of parts, a pure function of the key. They belong to the caller. */
export function initializeParts(parts: readonly Part[], key: Key): Weights {
  const of = { params: parts.flatMap(({ params }) => params), stats: parts.flatMap(({ stats }) => stats) };
  return initialize(of, key);
}

export interface Ran<T extends tf.Tensor = tf.Tensor> {
  readonly y: T;
  /** Running statistics that the pass updated, by full name. */
  readonly updates: Tensors;
}

/** One forward pass, [B, ...input] → [B, ...output]; inference by default. Call it inside `tf.tidy`. */
export function run<T extends tf.Tensor = tf.Tensor>(
  { name, root }: Part,
  { params, stats }: Weights,
  x: tf.Tensor,
  { training = false, key = { a: 0, b: 0 }, progress = 0, ...more }: Mode = {},
): Ran<T> {
  const updates: Record<string, tf.Tensor> = {};
  const pass = { params, stats, training, key, progress, updates, losses: [], ...more };
  return { y: root.apply(new Scope(pass, `${name}/`), x) as T, updates };
}

/** The parameters of a state that belong to these parts. */
export function paramsOf(parts: readonly Part[], { params }: Pick<State, 'params'>): Tensors {
  return Object.fromEntries(parts.flatMap((each) => each.params.map(({ name }) => [name, params[name]])));
}

/** Labels [B] → one-hot [B, K], the condition of a pass. */
export function oneHot(labels: ArrayLike<number>, classes: number): tf.Tensor2D {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]] = 1;
  return tf.tensor2d(rows, [labels.length, classes]);
}
