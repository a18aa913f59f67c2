/** Images, rendering by the plain executor, and losses whose expectation can be differentiated by counting. */
import * as tf from '@tensorflow/tfjs-core';
import { Executor, PlanBuilder, type SampleOperator } from '../../../src/augment/index.js';
import { Draws, fold, type Key, keyOf } from '../../../src/core/index.js';
import type { Twin } from '../../../src/search/space/search-op.js';
import { warp } from '../../../src/search/twins/warp.js';

export type Shape = [batch: number, height: number, width: number, channels: number];

/** Smooth blobs with some grain, in bytes that use most of the range; a tenth of the images is low in contrast. */
export function pictures([batch, height, width, channels]: Shape, key: Key): Float32Array {
  const out = new Float32Array(batch * height * width * channels);
  for (let i = 0, o = 0; i < batch; i++) {
    const draws = new Draws(fold(key, i));
    const waves = Array.from({ length: channels * 4 }, () => [
      draws.uniform(-4, 4) / width,
      draws.uniform(-4, 4) / height,
      draws.uniform(0, 2 * Math.PI),
      draws.uniform(10, 60),
    ]);
    const base = Array.from({ length: channels }, () => draws.uniform(70, 180));
    const contrast = draws.uniform() < 0.1 ? 0.3 : 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++, o++) {
          let v = base[c] as number;
          for (let k = 0; k < 4; k++) {
            const [fx, fy, phase, size] = waves[4 * c + k] as [number, number, number, number];
            v += contrast * size * Math.sin(2 * Math.PI * (fx * x + fy * y) + phase);
          }
          out[o] = Math.min(235, Math.max(20, Math.round(v + draws.uniform(-3, 3)))) / 255;
        }
      }
    }
  }
  return out;
}

/** What the operator makes of each image, by the plain executor: keys as a twin gives them. */
export function renderedBy(
  images: Float32Array,
  [batch, height, width, channels]: Shape,
  operator: (i: number) => SampleOperator,
  key: Key,
): Float32Array {
  const executor = new Executor();
  const stride = height * width * channels;
  const out = new Float32Array(images.length);
  for (let i = 0; i < batch; i++) {
    const { transform } = operator(i);
    const plan = new PlanBuilder(width, height);
    for (const { op, params } of transform.draw(fold(key, i), 0)) {
      transform.ops.find(({ name }) => name === op)?.lower(params, plan);
    }
    const rgb = Uint8Array.from({ length: 3 * height * width }, (_, k) =>
      Math.round(255 * (images[i * stride + (channels === 3 ? k : Math.floor(k / 3))] as number)),
    );
    const data = new Uint8Array(rgb.length);
    executor.run(
      plan.finish(),
      { data: rgb, width, height },
      { data, width, height, dtype: 'uint8', layout: 'HWC' },
    );
    for (let k = 0; k < stride; k++) {
      out[i * stride + k] = (data[channels === 3 ? k : 3 * k] as number) / 255;
    }
  }
  return out;
}

/** A twin over a batch. */
export function applied(twin: Twin, images: tf.Tensor4D, magnitude: tf.Tensor1D, key: Key): tf.Tensor4D {
  if (twin.kind === 'pixels') return twin.apply(images, magnitude, key);
  const [, height, width] = images.shape;
  return warp(images, twin.matrix(magnitude, { width, height }));
}

/** Largest difference, in gray levels. */
export function levelsApart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return 255 * most;
}

export const seeded = (seed: number): Draws => new Draws(keyOf(seed));

/** Side of the images of cases. */
export const SIZE = 24;
const SMALL: [height: number, width: number] = [SIZE, SIZE];

/** Uniform in [0, 1). */
const GRAIN = ((draws) => Float32Array.from({ length: 65536 }, () => draws.uniform()))(seeded(1));

/** A small fixed network that scores images [B, 24, 24, 3]: smooth, with curvature, as a critic is. */
export class Judge {
  private readonly first: tf.Tensor4D;
  private readonly second: tf.Tensor4D;

  constructor(seed: number) {
    const weights = (shape: [number, number, number, number], draws: Draws, size: number) =>
      tf.tensor4d(
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => draws.normal(0, size)),
        shape,
      );
    const draws = seeded(seed);
    this.first = weights([4, 4, 3, 6], draws, 0.4);
    this.second = weights([3, 3, 6, 1], draws, 0.3);
  }

  /** One score an image. */
  score(images: tf.Tensor4D): tf.Tensor1D {
    const hidden = tf.softplus(tf.conv2d(tf.sub(images, 0.5) as tf.Tensor4D, this.first, 3, 'same'));
    return tf.mean(tf.conv2d(hidden as tf.Tensor4D, this.second, 2, 'same'), [1, 2, 3]);
  }
}

/** Copies of one image, and the magnitudes and grain that an expectation is taken over. */
export interface Case {
  readonly twin: Twin;
  readonly judge: Judge;
  readonly key: Key;
  /** [24, 24, 3] */
  readonly image: Float32Array;
  readonly direction: Float32Array;
  /** Spread evenly over a range. */
  readonly magnitudes: Float32Array;
}

/** The image of a case, once for each magnitude, with half a level of grain: the expectation over it is smooth. */
function copies({ image, magnitudes, key }: Case): tf.Tensor4D {
  const all = new Float32Array(image.length * magnitudes.length);
  const first = key.a % 1000;
  for (let m = 0, i = 0; m < magnitudes.length; m++) {
    for (let k = 0; k < image.length; k++, i++) {
      all[i] = (image[k] as number) + ((GRAIN[(first + i) & 65535] as number) - 0.5) / 255;
    }
  }
  return tf.tensor4d(all, [magnitudes.length, ...SMALL, 3]);
}

/** Derivatives of the expected score, each as it is counted and as the twin has it. */
export interface Slopes {
  /** Along the direction of the image. */
  readonly image: readonly [counted: number, twin: number];
  /** By a shift of all magnitudes. */
  readonly magnitude: readonly [counted: number, twin: number];
}

export function slopes(given: Case, step: number, magnitudeStep: number): Slopes {
  tf.engine().startScope();
  try {
    const { twin, judge, key, magnitudes, direction } = given;
    const score = (x: tf.Tensor, m: tf.Tensor) =>
      tf.mean(judge.score(applied(twin, x as tf.Tensor4D, m as tf.Tensor1D, key))) as tf.Scalar;
    const [images, all] = [copies(given), tf.tensor1d(magnitudes)];
    const read = (value: tf.Tensor) => value.dataSync()[0] as number;
    const counted = (at: (by: number) => tf.Tensor, h: number) => (read(at(h)) - read(at(-h))) / (2 * h);
    const [byImage, byMagnitude] = tf.grads(score)([images, all]) as [tf.Tensor, tf.Tensor];
    const way = tf.tensor4d(direction, [1, ...SMALL, 3]);
    return {
      image: [
        counted((by) => score(tf.add(images, tf.mul(way, by)), all), step),
        read(tf.sum(tf.mul(byImage, way))),
      ],
      magnitude: [counted((by) => score(images, tf.add(all, by)), magnitudeStep), read(tf.sum(byMagnitude))],
    };
  } finally {
    tf.engine().endScope();
  }
}

export interface Agreement {
  /** Share of cases with the same sign, of those that are no closer to 0 than a tenth of the usual. */
  readonly sign: number;
  readonly called: number;
  /** Correlation about 0. */
  readonly cosine: number;
  /** The twin's size over the counted one. */
  readonly size: number;
}

export function agreement(pairs: readonly (readonly [number, number])[]): Agreement {
  let [same, called, aa, ab, bb] = [0, 0, 0, 0, 0];
  const usual = Math.sqrt(pairs.reduce((sum, [a]) => sum + a * a, 0) / pairs.length);
  for (const [a, b] of pairs) {
    if (Math.abs(a) >= usual / 10) {
      called++;
      if (Math.sign(a) === Math.sign(b)) same++;
    }
    aa += a * a;
    ab += a * b;
    bb += b * b;
  }
  return {
    sign: same / called,
    called: called / pairs.length,
    cosine: ab / Math.sqrt(aa * bb),
    size: Math.sqrt(bb / aa),
  };
}
