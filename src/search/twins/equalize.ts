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

/** Weighed by a triangle of area 1: the mean of a run, twice. */
function smooth(values: Float64Array): Float64Array {
  const once = new Float64Array(256 + REACH);
  const twice = new Float64Array(256);
  let sum = 0;
  for (let v = 0; v < 256 + REACH; v++) {
    sum += (v < 256 ? (values[v] as number) : 0) - (v >= REACH ? (values[v - REACH] as number) : 0);
    once[v] = sum / REACH;
  }
  sum = 0;
  for (let v = 0; v < REACH - 1; v++) sum += once[v] as number;
  for (let v = 0; v < 256; v++) {
    sum += (once[v + REACH - 1] as number) - (v > 0 ? (once[v - 1] as number) : 0);
    twice[v] = sum / REACH;
  }
  return twice;
}
