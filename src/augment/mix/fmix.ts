import { z } from 'zod';
import { Draws, scheduled, valueAt } from '../../core/index.js';
import { drawSeed, seed, seedKey } from '../transform/options.js';
import { defineBatchTransform } from './batch-transform.js';
import { paired } from './mix-layers.js';
import { drawPairs, mixTargets, pairs } from './pairs.js';
import { placesOf } from './places.js';

/**
 * Swaps blobs of any shape between the images of a pair; targets mix by area (Harris et al., "FMix: Enhancing
 * mixed sample data augmentation", 2020). The mask is noise whose Fourier amplitudes fall as 1/f^decay,
 * cut at the level that leaves a share λ ~ Beta(α, α) of it; λ is recomputed from the mask.
 */
export const fmixTransform = defineBatchTransform({
  name: 'fmix',
  options: z.strictObject({
    alpha: scheduled(0, 100).default(1),
    /** Larger is smoother, default 3. */
    decay: z.number().min(0).max(10).default(3),
    p: scheduled(0, 1).default(1),
  }),
  params: z.strictObject({ pairs, lambda: z.number().min(0).max(1), decay: z.number().min(0), seed }),
  shorthand: (alpha) => ({ alpha }),
  draw(draws, options, { size, progress }) {
    const alpha = valueAt(options.alpha, progress);
    if (!draws.chance(valueAt(options.p, progress)) || alpha === 0 || size < 2) return undefined;
    return {
      pairs: drawPairs(draws, size),
      lambda: draws.beta(alpha, alpha),
      decay: options.decay,
      seed: drawSeed(draws),
    };
  },
  apply(params, pixels) {
    const { data, width, height } = pixels;
    const { planes, span, stride, at } = placesOf(pixels);
    const mask = maskFor(params, width, height);
    for (const [i, j] of params.pairs) {
      for (let plane = 0; plane < planes; plane++) {
        for (let p = 0; p < width * height; p++) {
          if (mask[p] === 1) continue;
          const place = at(plane, p % width, Math.floor(p / width));
          for (let k = place; k < place + span; k++) {
            const kept = data[i * stride + k] as number;
            data[i * stride + k] = data[j * stride + k] as number;
            data[j * stride + k] = kept;
          }
        }
      }
    }
  },
  targets(params, soft, { size, width, height }) {
    const mask = maskFor(params, width, height);
    const kept = mask.reduce((sum, m) => sum + m, 0);
    mixTargets(params.pairs, [kept / mask.length], soft, size);
  },
  follow: {
    kind: 'layers',
    layers(params, { width, height }) {
      const mask = maskFor(params, width, height);
      const own = (x: number, y: number) => mask[y * width + x] === 1;
      const all = { to: [0, 0, width, height], shift: [0, 0] } as const;
      return paired(params.pairs, (row, partner) => [
        { from: row, ...all, shows: own },
        { from: partner, ...all, shows: (x, y) => !own(x, y) },
      ]);
    },
  },
});

interface MaskParams {
  readonly lambda: number;
  readonly decay: number;
  readonly seed: [number, number];
}

/** Pixels, labels and targets of a draw ask for its mask in turn: it is made once. */
const made = new WeakMap<MaskParams, { width: number; height: number; mask: Uint8Array }>();

function maskFor(params: MaskParams, width: number, height: number): Uint8Array {
  const known = made.get(params);
  if (known?.width === width && known.height === height) return known.mask;
  const mask = maskOf(params, width, height);
  made.set(params, { width, height, mask });
  return mask;
}

/**
 * The mask of FMix, [H·W] of 0 and 1; a share λ, rounded to whole pixels, is 1.
 *
 * @example maskOf({ lambda: 0.25, decay: 3, seed: [1, 2] }, 4, 4).reduce((sum, one) => sum + one, 0) // → 4
 */
export function maskOf({ lambda, decay, seed }: MaskParams, width: number, height: number): Uint8Array {
  const field = noise(new Draws(seedKey(seed)), decay, width, height);
  const order = Array.from(field.keys()).sort((a, b) => (field[b] as number) - (field[a] as number));
  const mask = new Uint8Array(field.length);
  for (const p of order.slice(0, Math.round(lambda * field.length))) mask[p] = 1;
  return mask;
}

/** Frequencies along a side that the mask is made of; higher ones have next to no amplitude. */
const MOST = 16;

/** Real noise as a sum of low frequencies with random amplitude and phase: an inverse Fourier transform. */
function noise(draws: Draws, decay: number, width: number, height: number): Float64Array {
  const [nx, ny] = [Math.min(MOST, width >> 1), Math.min(MOST, height >> 1)];
  const out = new Float64Array(width * height);
  for (let v = -ny; v <= ny; v++) {
    // The sum over u first, for one row frequency: real and imaginary part along x.
    const re = new Float64Array(width);
    const im = new Float64Array(width);
    for (let u = 0; u <= nx; u++) {
      const f = Math.max(Math.hypot(u / width, v / height), 1 / Math.max(width, height));
      const [a, b] = [draws.normal() / f ** decay, draws.normal() / f ** decay];
      for (let x = 0; x < width; x++) {
        const [c, s] = [Math.cos((2 * Math.PI * u * x) / width), Math.sin((2 * Math.PI * u * x) / width)];
        re[x]! += a * c - b * s;
        im[x]! += a * s + b * c;
      }
    }
    for (let y = 0; y < height; y++) {
      const [c, s] = [Math.cos((2 * Math.PI * v * y) / height), Math.sin((2 * Math.PI * v * y) / height)];
      for (let x = 0; x < width; x++) out[y * width + x]! += (re[x] as number) * c - (im[x] as number) * s;
    }
  }
  return out;
}
