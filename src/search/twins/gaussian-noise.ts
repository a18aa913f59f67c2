import { gaussianNoise, type PlanBuilder } from '../../augment/index.js';
import { Draws, type Key } from '../../core/index.js';
import { rendered } from './images.js';
import { pixelTwin } from './pixel-twin.js';

const drawn = (sigma: number, key: Key) =>
  gaussianNoise.spec.draw(new Draws(key), { sigma: [sigma, sigma], perChannel: true } as never);

const lower = (plan: PlanBuilder, sigma: number, key: Key) => {
  const within = Math.min(1, Math.max(0, sigma));
  gaussianNoise.op.lower(drawn(within, key), plan);
};

/** Of the noise that is read off: 4.5 σ fit into the bytes around the middle. */
const READ = 0.11;
const GRAY = 128;

/** out = x + σ·z with z from N(0, 1), by key and place. */
export const gaussianNoiseTwin = pixelTwin({
  lower,
  backward({ input, shape, magnitude: sigma, key, from, to }) {
    const z = noiseOf(shape.width, shape.height, key);
    const step = 3 / shape.channels;
    let bySigma = 0;
    for (let i = 0; i < input.length; i++) {
      const noise = z[step * i] as number;
      const out = (input[i] as number) + 255 * sigma * noise;
      if (out < 0 || out > 255) continue;
      to[i] = from[i] as number;
      bySigma += (from[i] as number) * noise;
    }
    return bySigma;
  },
});

/** z of each value, [H, W, 3]: read off a gray image that has the same noise. */
function noiseOf(width: number, height: number, key: Key): Float32Array {
  const gray = new Uint8Array(3 * width * height).fill(GRAY);
  const shown = rendered(gray, { batch: 1, height, width, channels: 3 }, (plan) => lower(plan, READ, key));
  return shown.map((v) => (v - GRAY / 255) / READ);
}
