import { z } from 'zod';
import { fold, hash } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, drawSeed, interval, samplingOptions, seed, seedKey } from '../transform/options.js';
import { CUBIC, displace, type Lattice } from './displacement.js';

/**
 * Elastic deformation: displaces every pixel by a smooth random field, white noise under a Gaussian of deviation
 * σ, scaled so that displacements along x and y are N(0, α²) (Simard, Steinkraus and Platt, 2003). The noise lies
 * on a lattice of pitch 1.73·σ under cubic B-splines, which equal that Gaussian to 1 %.
 *
 * α and σ are shares of the shorter side. Torchvision's alpha a and sigma s, in pixels, are an α of 0.08·a/s
 * pixels. Above α/σ ≈ 0.4 the field folds the image in places.
 *
 * Masks, boxes and keypoints move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example elastic({ alpha: [0.02, 0.02], sigma: [0.06, 0.06] })
 */
export const elastic = defineTransform({
  name: 'elastic',
  options: z.strictObject({
    ...samplingOptions,
    /** Standard deviation of the displacement, default 0.01 to 0.02. */
    alpha: interval(0, 1).default([0.01, 0.02]),
    /** How far the field reaches, default 0.05 to 0.08. */
    sigma: interval(0.01, 1).default([0.05, 0.08]),
  }),
  params: z.strictObject({ ...samplingOptions, alpha: z.number().min(0), sigma: z.number().min(0.01), seed }),
  p: 0.5,
  magnitude: (s) => ({
    alpha: [0.025 * s, 0.025 * s] as [number, number],
    sigma: [0.07, 0.09] as [number, number],
  }),
  draw: (draws, { alpha, sigma, ...sampling }) => ({
    ...sampling,
    alpha: between(draws, alpha),
    sigma: between(draws, sigma),
    seed: drawSeed(draws),
  }),
  lower({ alpha, sigma, seed, ...sampling }, plan) {
    if (alpha === 0) return;
    const short = Math.min(plan.width, plan.height);
    displace(noise(plan.width, plan.height, alpha * short, sigma * short, seedKey(seed)), sampling, plan);
  },
});

/** The deviation of a cubic B-spline of pitch 1 is √(1/3). */
const PITCH = Math.sqrt(3);
/** Mean square of what such splines make of white noise of variance 1, in two dimensions: (151/315)². */
const POWER = 151 / 315;

function noise(
  width: number,
  height: number,
  deviation: number,
  sigma: number,
  key: { a: number; b: number },
): Lattice {
  const pitch = PITCH * sigma;
  const columns = Math.ceil(width / pitch) + 3;
  const rows = Math.ceil(height / pitch) + 3;
  const dx = new Float64Array(columns * rows);
  const dy = new Float64Array(columns * rows);
  for (let j = 0, i = 0; j < rows; j++) {
    const line = fold(key, j);
    for (let c = 0; c < columns; c++, i++) {
      const [u, v] = hash(line, 0, c);
      const radius = (deviation / POWER) * Math.sqrt(-2 * Math.log((u + 1) / 4294967297));
      const angle = (2 * Math.PI * v) / 4294967296;
      dx[i] = radius * Math.cos(angle);
      dy[i] = radius * Math.sin(angle);
    }
  }
  return { columns, rows, left: -pitch, top: -pitch, pitchX: pitch, pitchY: pitch, dx, dy, spline: CUBIC };
}
