/**
 * Finds where a step became NaN or infinite: scalars in the order of computation, each 0, or NaN if that part of the step
 * is not finite. The first that is not 0 names the cause.
 */
import { tf } from '../../graph/tf.js';
import type { Tensors } from '../state/tensors.js';

export class Probe {
  readonly scalars: Record<string, tf.Tensor> = {};

  /** 0·x is 0 for finite numbers, else NaN. */
  see(what: string, tensor: tf.Tensor): void {
    if (this.scalars[what] === undefined) this.scalars[what] = tf.sum(tf.mul(tensor, 0));
  }
}

/** The name of the first value that is not finite. */
export function firstBad(values: Readonly<Record<string, number>>): string | undefined {
  return Object.keys(values).find((name) => !Number.isFinite(values[name]));
}

/** Parameters, in the order in which the backward pass reaches them. */
export function backwards(tensors: Tensors): [string, tf.Tensor][] {
  return Object.entries(tensors).reverse();
}
