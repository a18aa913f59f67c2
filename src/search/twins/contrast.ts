import { contrast } from '../../augment/index.js';
import { lumaAt, lumaWeights } from './luma.js';
import { pixelTwin } from './pixel-twin.js';

/** out = mean + f·(x − mean): through the mean luma, each pixel changes all others. */
export const contrastTwin = pixelTwin({
  lower: (plan, factor) => contrast.op.lower({ factor: Math.max(0, factor) }, plan),
  backward({ input, shape: { channels, width, height }, magnitude: factor, from, to }) {
    const weights = lumaWeights(channels);
    const pixels = width * height;
    let mean = 0;
    for (let i = 0; i < input.length; i += channels) mean += lumaAt(input, i, weights);
    mean = Math.round(mean / pixels);
    let byFactor = 0;
    let byMean = 0;
    for (let i = 0; i < input.length; i++) {
      const away = (input[i] as number) - mean;
      const out = mean + factor * away;
      if (out < 0 || out > 255) continue;
      const g = from[i] as number;
      to[i] = factor * g;
      byFactor += g * away;
      byMean += g * (1 - factor);
    }
    for (let i = 0; i < input.length; i++) {
      to[i] = (to[i] as number) + (byMean * (weights[i % channels] as number)) / pixels;
    }
    return byFactor / 255;
  },
});
