import { autocontrast } from '../../augment/index.js';
import { type Backward, pixelTwin } from './pixel-twin.js';

/**
 * out = 255·(x − low)/(high − low), with low and high the extreme values of the channel; without magnitude. The pixels that
 * hold an extreme share its gradient.
 */
export const autocontrastTwin = pixelTwin({
  lower: (plan) => autocontrast.op.lower({ cutoff: 0 }, plan),
  backward(image) {
    for (let c = 0; c < image.shape.channels; c++) channel(image, c);
    return 0;
  },
});

function channel({ input, from, to, shape: { channels } }: Backward, c: number): void {
  let [low, high, lows, highs] = [256, -1, 0, 0];
  for (let i = c; i < input.length; i += channels) {
    const v = input[i] as number;
    if (v < low) [low, lows] = [v, 0];
    if (v > high) [high, highs] = [v, 0];
    if (v === low) lows++;
    if (v === high) highs++;
  }
  const range = high - low;
  const scale = range > 0 ? 255 / range : 1;
  let [byLow, byHigh] = [0, 0];
  for (let i = c; i < input.length; i += channels) {
    const g = from[i] as number;
    to[i] = scale * g;
    if (range === 0) continue;
    const share = ((input[i] as number) - low) / range;
    byLow += g * scale * (share - 1);
    byHigh -= g * scale * share;
  }
  if (range === 0) return;
  for (let i = c; i < input.length; i += channels) {
    if (input[i] === low) to[i] = (to[i] as number) + byLow / lows;
    if (input[i] === high) to[i] = (to[i] as number) + byHigh / highs;
  }
}
