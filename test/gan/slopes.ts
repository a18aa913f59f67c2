/** Gradients against finite differences. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { valueAndGradient } from '../../src/train/state/gradient.js';
import type { Tensors } from '../../src/train/state/tensors.js';

/** The gradient of a scalar through parameters is its slope; a few numbers of each parameter are tried. */
export function expectSlopes(
  f: (params: Tensors) => tf.Scalar,
  params: Tensors,
  step: number,
  tolerance: number,
): void {
  const { gradients } = tf.tidy(() => {
    const { gradients } = valueAndGradient(() => ({ loss: f(params), aux: {} }), params);
    return {
      gradients: Object.fromEntries(Object.entries(gradients).map(([k, g]) => [k, g.dataSync()])),
    } as never;
  }) as { gradients: Record<string, Float32Array> };
  const largest = Math.max(...Object.values(gradients).flatMap((g) => [...g].map(Math.abs)));
  expect(largest).toBeGreaterThan(1e-3); // else the test could not fail
  for (const [name, param] of Object.entries(params)) {
    const values = param.dataSync();
    const at = (i: number, by: number) => {
      const moved = values.slice();
      moved[i] += by;
      return tf.tidy(() => f({ ...params, [name]: tf.tensor(moved, param.shape) }).dataSync()[0]);
    };
    // Where the gradient is largest, where it is smallest, and in between.
    const order = [...gradients[name].keys()].sort(
      (a, b) => Math.abs(gradients[name][b]) - Math.abs(gradients[name][a]),
    );
    const picked = new Set(
      [0, 1, Math.floor(order.length / 3), order.length - 1].map((n) => order[Math.min(n, order.length - 1)]),
    );
    for (const i of picked) {
      const slope = (at(i, step) - at(i, -step)) / (2 * step);
      const error = Math.abs(slope - gradients[name][i]) / largest;
      if (!(error < tolerance))
        expect.fail(`${name}[${i}]: gradient ${gradients[name][i]} but slope ${slope}`);
    }
  }
}
