import { grayscale, saturation } from '../../augment/index.js';
import { lumaAt, lumaWeights } from './luma.js';
import { type Backward, pixelTwin } from './pixel-twin.js';

/** out = L + f·(x − L), with L the luma of the pixel. */
export const saturationTwin = pixelTwin({
  lower: (plan, factor) => saturation.op.lower({ factor: Math.max(0, factor) }, plan),
  backward: (image) => backward(image, image.magnitude),
});

/** Saturation 0; without magnitude. */
export const grayscaleTwin = pixelTwin({
  lower: (plan) => grayscale.op.lower({}, plan),
  backward(image) {
    backward(image, 0);
    return 0;
  },
});

function backward({ input, shape: { channels }, from, to }: Backward, factor: number): number {
  const weights = lumaWeights(channels);
  let byFactor = 0;
  for (let i = 0; i < input.length; i += channels) {
    const luma = lumaAt(input, i, weights);
    let byLuma = 0;
    for (let k = i; k < i + channels; k++) {
      const away = (input[k] as number) - luma;
      const out = luma + factor * away;
      if (out < 0 || out > 255) continue;
      const g = from[k] as number;
      to[k] = factor * g;
      byFactor += g * away;
      byLuma += g * (1 - factor);
    }
    for (let c = 0; c < channels; c++) to[i + c] = (to[i + c] as number) + byLuma * (weights[c] as number);
  }
  return byFactor / 255;
}
