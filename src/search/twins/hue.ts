import { hue } from '../../augment/index.js';
import { type Backward, pixelTwin } from './pixel-twin.js';

/**
 * Turns the hue by a share of the circle. A channel is top − range·ramp(h + offset), with top the largest channel, range
 * its distance to the smallest, h the hue in sixths of the circle, and ramp(k) = clip(min(k, 4 − k)) of k modulo 6. A gray
 * pixel has no hue: there only top and range pass a gradient.
 */
export const hueTwin = pixelTwin({
  lower: (plan, shift) => hue.op.lower({ shift: Math.min(0.5, Math.max(-0.5, shift)) }, plan),
  backward(image) {
    if (image.shape.channels === 1) {
      image.to.set(image.from);
      return 0;
    }
    let sum = 0;
    for (let i = 0; i < image.input.length; i += 3) sum += pixel(image, i);
    return sum / 255;
  },
});

const OFFSETS = [5, 3, 1];

function pixel({ input, magnitude, from, to }: Backward, i: number): number {
  const values = [input[i], input[i + 1], input[i + 2]] as [number, number, number];
  const top = Math.max(...values);
  const range = top - Math.min(...values);
  const most = values.indexOf(top);
  const least = values.lastIndexOf(top - range);
  // h = (next − after)/range + 2·most: the channel after the largest, and the one after that.
  const [next, after] = [(most + 1) % 3, (most + 2) % 3];
  const by = Math.max(1, range);
  const sector = ((values[next] as number) - (values[after] as number)) / by;
  const turned = (sector + 2 * most + 6 * magnitude + 12) % 6;
  let [byTop, byRange, byHue] = [0, 0, 0];
  for (let c = 0; c < 3; c++) {
    const k = (turned + (OFFSETS[c] as number)) % 6;
    const g = from[i + c] as number;
    byTop += g;
    byRange -= g * Math.max(0, Math.min(1, k, 4 - k));
    const slope = k < 1 ? 1 : k > 3 && k < 4 ? -1 : 0;
    byHue -= g * range * slope;
  }
  if (range > 0) {
    // h is a ratio: its numerator moves it by 1/range, its range by −h/range.
    to[i + next] = (to[i + next] as number) + byHue / range;
    to[i + after] = (to[i + after] as number) - byHue / range;
    byRange -= (byHue * sector) / range;
  }
  to[i + most] = (to[i + most] as number) + byTop + byRange;
  to[i + least] = (to[i + least] as number) - byRange;
  return 6 * byHue;
}
