/** Golden vectors of generative parts, and gradients of functions of tensors by name. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { type Golden, offBy, golden as read, tensorOf, tidied } from '../train/golden.js';

export const golden = <T>(file: string) => read<T>(`../gan/${file}`);

export interface Case {
  inputs: Record<string, Golden>;
  y: Golden;
  dy: Golden;
  gradients: Record<string, Golden>;
}

type Tensors = Record<string, tf.Tensor>;

/** Forward and the gradients of Σ y·dy are those of the case; nothing leaks. */
export async function meetCase(
  { inputs, y, dy, gradients }: Case,
  f: (inputs: Tensors) => tf.Tensor,
  tolerance = 2e-5,
): Promise<void> {
  const before = tf.memory().numTensors;
  await tidied(async () => {
    const given = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, tensorOf(value)]));
    expect(await offBy(f(given), y)).toBeLessThan(tolerance);
    const names = Object.keys(gradients);
    const found = tf.grads((...moved: tf.Tensor[]) =>
      f({ ...given, ...Object.fromEntries(moved.map((tensor, i) => [names[i], tensor])) }),
    )(
      names.map((name) => given[name]),
      tensorOf(dy),
    );
    for (const [i, name] of names.entries()) {
      expect(await offBy(found[i], gradients[name]), name).toBeLessThan(tolerance);
    }
  });
  expect(tf.memory().numTensors).toBe(before);
}
