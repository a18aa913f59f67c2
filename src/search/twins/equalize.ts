import { equalize } from '../../augment/index.js';
import { type Backward, pixelTwin } from './pixel-twin.js';

/** Gray levels on each side over which ranks are smooth. */
const REACH = 8;

/**
 * Each value becomes its rank in its channel; without magnitude. A pixel that grows passes those of nearly the same value:
 * its own rank rises by their density, and each of theirs falls. So the gradient of pixel i is the sum over the pixels j
 * near its value of (gᵢ − gⱼ), over their number and the width of "near".
 */
export const equalizeTwin = pixelTwin({
  lower: (plan) => equalize.op.lower({}, plan),
  backward(image) {
    for (let c = 0; c < image.shape.channels; c++) channel(image, c);
    return 0;
  },
});

function channel({ input, from, to, shape: { channels } }: Backward, c: number): void {
  const counts = new Float64Array(256);
  const gradients = new Float64Array(256);
  const ranks = new Float64Array(256);
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    counts[v] = (counts[v] as number) + 1;
    gradients[v] = (gradients[v] as number) + (from[i] as number);
  }
  const step = stepOf(counts);
  if (step === 0) {
    for (let i = c; i < input.length; i += channels) to[i] = from[i] as number;
    return;
  }
  // Ranks beyond 255 steps are clipped: there nothing passes.
  let rank = step >> 1;
  for (let v = 0; v < 256; v++) {
    if (rank > 255 * step) gradients[v] = 0;
    ranks[v] = rank;
    rank += counts[v] as number;
  }
  const near = smooth(counts);
  const nearGradients = smooth(gradients);
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    const own = (ranks[v] as number) > 255 * step ? 0 : (near[v] as number) * (from[i] as number);
    to[i] = (own - (nearGradients[v] as number)) / step;
  }
}

/** Pixels to a gray level; 0 where equalize changes nothing. */
function stepOf(counts: Float64Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const last = counts.findLast((n) => n > 0) ?? 0;
  return Math.floor((total - last) / 255);
}

/** Weighed by a triangle of area 1. */
function smooth(values: Float64Array): Float64Array {
  return values.map((_, v) => {
    let sum = 0;
    for (let k = 1 - REACH; k < REACH; k++) {
      sum += (values[v + k] ?? 0) * (REACH - Math.abs(k));
    }
    return sum / REACH ** 2;
  });
}
