/** Tensors by name, and the state of a training run: what one step takes and the next one gets. */
import { tf } from '../../graph/tf.js';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The state of a training: what a step takes and the next one gets. */
export interface State {
  /** What the optimizer moves. */
  readonly params: Tensors;
  /** What the forward pass moves: running means and variances. */
  readonly stats: Tensors;
  /** What the optimizer remembers, counters included. */
  readonly slots: Tensors;
}

const PARTS = ['params', 'stats', 'slots'] as const;

/** One flat map, `params/stage1/…`, as checkpoints and graphs want it. */
export function flatten(state: State): Tensors {
  const flat: Record<string, tf.Tensor> = {};
  for (const part of PARTS) {
    for (const [name, tensor] of Object.entries(state[part])) flat[`${part}/${name}`] = tensor;
  }
  return flat;
}

/** The inverse of `flatten`. */
export function unflatten(flat: Tensors): State {
  const state: Record<(typeof PARTS)[number], Record<string, tf.Tensor>> = {
    params: {},
    stats: {},
    slots: {},
  };
  for (const [name, tensor] of Object.entries(flat)) {
    const cut = name.indexOf('/');
    state[name.slice(0, cut) as (typeof PARTS)[number]][name.slice(cut + 1)] = tensor;
  }
  return state;
}

export function mapTensors(
  tensors: Tensors,
  change: (tensor: tf.Tensor, name: string) => tf.Tensor,
): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor, name)]));
}

/** A second handle on every tensor of a state: no numbers are copied, and each is disposed of for itself. */
export function cloneState(state: State): State {
  return unflatten(mapTensors(flatten(state), (tensor) => tensor.clone()));
}

/** Disposes of a state, save for tensors that another state took over. */
export function disposeState(state: State, successor?: State): void {
  const kept = new Set(successor ? Object.values(flatten(successor)) : []);
  for (const tensor of Object.values(flatten(state))) if (!kept.has(tensor)) tensor.dispose();
}

/** Numbers in all of them. */
export function countNumbers(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, tensor) => sum + tensor.size, 0);
}

/**
 * Numbers of scalars by name in one reading, which asynchronous backends answer once and not once each.
 * The tensors stay.
 */
export async function readScalars(scalars: Tensors): Promise<Record<string, number>> {
  const names = Object.keys(scalars);
  if (names.length === 0) return {};
  const stacked = tf.tidy(() => tf.stack(names.map((name) => scalars[name].toFloat().reshape([]))));
  try {
    const values = await stacked.data();
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  } finally {
    stacked.dispose();
  }
}

/** Numbers of tensors by name, in the order of their elements. The tensors stay. */
export async function readNumbers(
  tensors: Tensors,
): Promise<Record<string, Float32Array | Int32Array | Uint8Array>> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, (await tensor.data()) as Float32Array] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
