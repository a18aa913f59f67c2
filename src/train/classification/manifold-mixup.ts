/**
 * Manifold mixup (Verma et al., 2019): at one layer of a random choice each step, activations become
 * λh + (1 − λ)h′, λ ~ Beta(α, α), h′ those of the batch in reverse order (its order is random already); the
 * targets are mixed alike. `layers` names the layers: 'input', or patterns on the paths of layers.
 */

import { z } from 'zod';
import { Draws, fold, type Key, tag, UsageError } from '../../core/index.js';
import { choiceOf, fromKey } from '../../graph/host.js';
import { tf } from '../../graph/tf.js';
import { matchesExactly } from '../penalties/penalty.js';

export const manifoldMixupOptions = z.strictObject({
  alpha: z.number().positive().default(2),
  layers: z.array(z.string().min(1)).min(1).default(['input', 'stage1', 'stage2']),
});

export interface Mixing {
  /** The path of a layer, or 'input'. */
  readonly at: string;
  /** λ, the share that a sample keeps of itself, and 1 − λ. */
  readonly own: tf.Tensor;
  readonly other: tf.Tensor;
}

/** The layers that the patterns name; a pattern that names none gets a sentence. */
export function mixingPlaces(patterns: readonly string[], layers: readonly string[]): string[] {
  const places = ['input', ...layers];
  const named = patterns.flatMap((pattern) => {
    const found = places.filter((path) => matchesExactly(pattern, path));
    if (found.length > 0) return found;
    throw new UsageError(
      `manifoldMixup: layers: the pattern '${pattern}' matches no layer of the model; its layers are ${places.slice(0, 8).join(', ')}${places.length > 8 ? ', …' : ''}`,
    );
  });
  return [...new Set(named)];
}

/** What to mix in a step, and where. */
export function drawMixing(places: readonly string[], alpha: number, key: Key): Mixing {
  const own = fold(key, tag('manifold-mixup'));
  const draw = (from: Key) => {
    const draws = new Draws(from);
    return { place: draws.int(places.length), lambda: draws.beta(alpha, alpha) };
  };
  return {
    at: places[choiceOf(own, (from) => draw(from).place)],
    own: fromKey(own, [], 'float32', (from) => [draw(from).lambda]),
    other: fromKey(own, [], 'float32', (from) => [1 - draw(from).lambda]),
  };
}

/** λx + (1 − λ)·(x with its batch in reverse). */
export function mixed<T extends tf.Tensor>(x: T, { own, other }: Mixing): T {
  return tf.add(tf.mul(x, own), tf.mul(tf.reverse(x, 0), other)) as T;
}
