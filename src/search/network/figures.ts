/** What a network does to images, as numbers: of each quantity its mean and spread over images and noise. */
import { fold, keyOf, tag } from '../../core/index.js';
import type { Weights } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import { type Magnitude, reachOf } from '../space/search-op.js';
import { type AugmentationNetwork, applyNetwork, GEOMETRY } from './augmentation-network.js';
import { noiseFor } from './noise.js';

/** Of one quantity, over images. */
export interface NetworkFigure {
  readonly name: string;
  readonly bounds: Magnitude;
  readonly mean: number;
  /** Standard deviation. */
  readonly sd: number;
  readonly low: number;
  readonly high: number;
  /** Mean distance from neutral, where 1 is the farther bound. */
  readonly strength: number;
}

/** Of what color does: how much brighter an image is in all, and how far a pixel's channel moves in the mean. */
const COLOR: Readonly<Record<'brightness' | 'colorShift', Magnitude>> = {
  brightness: { low: 0, high: 3, neutral: 1, unit: 'factor' },
  colorShift: { low: 0, high: 1, neutral: 0, unit: 'share of the range' },
};

const KEY = fold(keyOf(0), tag('network-figures'));

/** Images [B, H, W, 3] in [0, 1]; the same noise for every network. */
export function figuresOf(net: AugmentationNetwork, weights: Weights, images: tf.Tensor4D): NetworkFigure[] {
  const read: Record<string, number[]> = {};
  tf.tidy(() => {
    const noise = noiseFor(KEY, images.shape[0], net.config.noise);
    const { geometry } = applyNetwork(net, weights, images, noise);
    // Color alone: the same images under the same noise, not moved.
    const still = { ...weights, params: unmoved(weights.params) };
    const colored = applyNetwork(net, still, images, noise).images;
    const sum = (x: tf.Tensor) => tf.add(tf.sum(x, [1, 2, 3]), 1e-6);
    const values: Record<string, tf.Tensor> = {
      ...geometry,
      brightness: tf.div(sum(colored), sum(images)),
      colorShift: tf.mean(tf.abs(tf.sub(colored, images)), [1, 2, 3]),
    };
    for (const [name, tensor] of Object.entries(values)) read[name] = [...tensor.dataSync()];
  });
  return Object.entries({ ...GEOMETRY, ...COLOR }).map(([name, bounds]) =>
    figureOf(name, bounds, read[name] as number[]),
  );
}

/** Without what moves pixels. */
const unmoved = (params: Weights['params']): Weights['params'] =>
  Object.fromEntries(
    Object.entries(params).map(([name, tensor]) => [
      name,
      name.startsWith('geometry/head/') ? tf.zerosLike(tensor) : tensor,
    ]),
  );

function figureOf(name: string, bounds: Magnitude, values: readonly number[]): NetworkFigure {
  const mean = meanOf(values);
  return {
    name,
    bounds,
    mean,
    sd: Math.sqrt(meanOf(values.map((one) => (one - mean) ** 2))),
    low: Math.min(...values),
    high: Math.max(...values),
    strength: meanOf(values.map((one) => Math.abs(one - bounds.neutral))) / reachOf(bounds),
  };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
