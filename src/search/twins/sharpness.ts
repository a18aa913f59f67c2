import { sharpness } from '../../augment/index.js';
import { pixelTwin } from './pixel-twin.js';

/** out = s + f·(x − s), with s the 3 × 3 mean that counts the center five times; the outermost pixels stay. */
export const sharpnessTwin = pixelTwin({
  lower: (plan, factor) => sharpness.op.lower({ factor: Math.max(0, factor) }, plan),
  backward({ input, shape: { width, channels }, magnitude: factor, from, to }) {
    const line = width * channels;
    const neighbors = [-line, 0, line].flatMap((y) => [y - channels, y, y + channels]);
    let byFactor = 0;
    for (let i = 0; i < input.length; i++) {
      const g = from[i] as number;
      const x = i % line;
      const rim = i < line || i >= input.length - line || x < channels || x >= line - channels;
      if (rim) {
        to[i] = (to[i] as number) + g;
        continue;
      }
      let sum = 4 * (input[i] as number);
      for (let k = 0; k < 9; k++) sum += input[i + (neighbors[k] as number)] as number;
      const away = (input[i] as number) - sum / 13;
      const out = sum / 13 + factor * away;
      if (out < 0 || out > 255) continue;
      byFactor += g * away;
      const share = (g * (1 - factor)) / 13;
      to[i] = (to[i] as number) + factor * g + 4 * share;
      for (let k = 0; k < 9; k++) {
        const at = i + (neighbors[k] as number);
        to[at] = (to[at] as number) + share;
      }
    }
    return byFactor / 255;
  },
});
