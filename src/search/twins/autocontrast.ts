import { autocontrast } from '../../augment/index.js';
import { type Backward, pixelTwin } from './pixel-twin.js';

/** Gray levels from an extreme within which pixels share its gradient. */
const REACH = 2;

/**
 * out = 255·(x − low)/(high − low), with low and high the extreme values of the channel; without magnitude. The pixels near
 * an extreme share its gradient, the nearer the more: which of them is the extreme one depends on a few levels.
 */
export const autocontrastTwin = pixelTwin({
  lower: (plan) => autocontrast.op.lower({ cutoff: 0 }, plan),
  backward(image) {
    for (let c = 0; c < image.shape.channels; c++) channel(image, c);
    return 0;
  },
});

function channel({ input, from, to, shape: { channels } }: Backward, c: number): void {
  let [low, high] = [255, 0];
  for (let i = c; i < input.length; i += channels) {
    low = Math.min(low, input[i] as number);
    high = Math.max(high, input[i] as number);
  }
  const range = high - low;
  const scale = range > 0 ? 255 / range : 1;
  let [byLow, byHigh, lows, highs] = [0, 0, 0, 0];
  for (let i = c; i < input.length; i += channels) {
    const g = from[i] as number;
    to[i] = scale * g;
    if (range === 0) continue;
    const v = input[i] as number;
    const share = (v - low) / range;
    byLow += g * scale * (share - 1);
    byHigh -= g * scale * share;
    lows += near(v - low);
    highs += near(high - v);
  }
  if (range === 0) return;
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    to[i] = (to[i] as number) + (byLow * near(v - low)) / lows + (byHigh * near(high - v)) / highs;
  }
}

const near = (distance: number) => Math.max(0, 1 - distance / REACH);
