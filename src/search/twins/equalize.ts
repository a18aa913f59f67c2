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
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    counts[v] = (counts[v] as number) + 1;
    gradients[v] = (gradients[v] as number) + (from[i] as number);
  }
  const scale = stretch(counts);
  if (scale === 0) {
    for (let i = c; i < input.length; i += channels) to[i] = from[i] as number;
    return;
  }
  const [near, nearGradients] = [smooth(counts), smooth(gradients)];
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    to[i] = scale * ((near[v] as number) * (from[i] as number) - (nearGradients[v] as number));
  }
}

/** Gray levels that one pixel passed is worth; 0 where equalize changes nothing. */
function stretch(counts: Float64Array): number {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const last = counts.findLast((n) => n > 0) ?? 0;
  const step = Math.floor((total - last) / 255);
  return step === 0 ? 0 : 1 / step;
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
