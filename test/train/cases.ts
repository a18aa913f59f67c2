/** Golden cases of layers that may need noise: the noise that the reference drew is replayed to them. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { type Layer, layerFrom, modelFrom } from '../../src/train/index.js';
import { Scope } from '../../src/train/layers/layer.js';
import { declare, type Golden, offBy, tensorOf, tidied } from './golden.js';

export interface Case {
  /** A kind of layer, or of model for so many classes. */
  layer: string;
  classes?: number;
  options: Record<string, unknown>;
  inputs: Record<string, Golden>;
  /** In the order of the layer's draws; or, in a network, those of each path. */
  uniform: Golden[] | Record<string, Golden[]>;
  normal: Golden[];
  y: Golden;
  dy: Golden;
  gradients: Record<string, Golden>;
  inference: Golden;
  loss?: number;
  stats?: Record<string, Golden>;
  moved?: Record<string, Golden>;
}

/** A scope whose noise was drawn elsewhere. */
class Rehearsed extends Scope {
  constructor(
    private readonly own: ConstructorParameters<typeof Scope>[0],
    private readonly noise: Pick<Case, 'uniform' | 'normal'>,
    path = '',
  ) {
    super(own, path);
  }
  override at(name: string): Rehearsed {
    return new Rehearsed(this.own, this.noise, `${this.path}${name}/`);
  }
  override uniform(shape: readonly number[], nth = 0): tf.Tensor {
    const { uniform } = this.noise;
    const drawn = (Array.isArray(uniform) ? uniform : uniform[this.path.slice(0, -1)])?.[nth];
    expect(drawn?.shape, `draw ${nth} of '${this.path}'`).toEqual([...shape]);
    return tensorOf(drawn as Golden);
  }
  override normal(shape: readonly number[], nth = 0): tf.Tensor {
    expect(this.noise.normal[nth]?.shape).toEqual([...shape]);
    return tensorOf(this.noise.normal[nth]);
  }
}

/** The layer of a case, or the layers of its model. */
export function layerOf({ layer, classes, options }: Case): Layer {
  return classes === undefined
    ? layerFrom({ layer, ...options })
    : modelFrom({ model: layer, ...options }).layers(classes);
}

const TOLERANCE = 1e-4;

/** Forward, gradients, running statistics and inference against the reference; and no tensor stays. */
export async function expectCase(c: Case): Promise<void> {
  const before = tf.memory().numTensors;
  const layer = layerOf(c);
  const { params, output } = declare(layer, c.inputs.x.shape.slice(1));
  expect(params.map(({ name, shape }) => [name, [...shape]]).sort()).toEqual(
    Object.entries(c.inputs)
      .filter(([name]) => name !== 'x')
      .map(([name, { shape }]) => [name, shape])
      .sort(),
  );
  expect([c.inputs.x.shape[0], ...output]).toEqual(c.y.shape);
  await tidied(async () => {
    const given = Object.fromEntries(Object.entries(c.inputs).map(([n, g]) => [n, tensorOf(g)]));
    const stats = Object.fromEntries(Object.entries(c.stats ?? {}).map(([n, g]) => [n, tensorOf(g)]));
    const run = (named: Record<string, tf.Tensor>, training: boolean) => {
      const pass = { params: named, stats, training, key: keyOf(0), progress: 0, updates: {}, losses: [] };
      return {
        y: layer.apply(new Rehearsed(pass, c), named.x),
        updates: pass.updates,
        losses: pass.losses,
      };
    };
    const { y, updates, losses } = run(given, true);
    expect(await offBy(y, c.y)).toBeLessThan(TOLERANCE);
    expect(losses.length).toBe(c.loss === undefined ? 0 : 1);
    if (c.loss !== undefined) {
      expect(Math.abs((await (losses[0] as tf.Tensor).data())[0] / c.loss - 1)).toBeLessThan(1e-4);
    }
    for (const [n, value] of Object.entries(c.moved ?? {})) {
      expect(await offBy((updates as Record<string, tf.Tensor>)[n], value), `running ${n}`).toBeLessThan(
        TOLERANCE,
      );
    }
    const names = Object.keys(c.gradients);
    const dy = tensorOf(c.dy);
    const backward = tf.grads((...leaves: tf.Tensor[]) => {
      const named = { ...given, ...Object.fromEntries(names.map((n, i) => [n, leaves[i]])) };
      const { y, losses } = run(named, true);
      return tf.addN([tf.sum(tf.mul(y, dy)), ...losses]);
    })(names.map((n) => given[n]));
    for (const [i, n] of names.entries()) {
      expect(await offBy(backward[i], c.gradients[n]), `gradient of ${n}`).toBeLessThan(TOLERANCE);
    }
    expect(await offBy(run(given, false).y, c.inference), 'inference').toBeLessThan(TOLERANCE);
  });
  expect(tf.memory().numTensors).toBe(before);
}
