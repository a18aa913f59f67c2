/**
 * Twins of ops whose magnitude moves in steps: posterize, solarize. As a function of its magnitude a loss is a staircase,
 * and no step has a slope; its expectation over magnitudes has one. What each gives here is the slope of a line between
 * neighboring steps, which added up over the magnitudes is how the expectation changes.
 */
import { posterize, solarize } from '../../augment/index.js';
import { pixelTwin } from './pixel-twin.js';

const clip = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));

/** The whole number of bits that a magnitude stands for. */
const bitsOf = (magnitude: number) => clip(Math.round(magnitude), 1, 8);
const kept = (value: number, bits: number) => value & (256 - 2 ** (8 - bits));

/** Gray levels over which a jump is spread. */
const SPREAD = 8;
/** Of values at a distance from a jump: a triangle of area 1. */
const near = (distance: number, spread = SPREAD) => Math.max(0, 1 - Math.abs(distance) / spread) / spread;

/**
 * Keeps the highest bits; the magnitude is rounded. By the image: each jump of the stairs, spread over the values near it;
 * steps of up to 8 levels make a slope of 1. By the magnitude: the difference to the next number of bits on the side where
 * the magnitude lies.
 */
export const posterizeTwin = pixelTwin({
  lower: (plan, magnitude) => posterize.op.lower({ bits: bitsOf(magnitude) }, plan),
  backward({ input, from, to, magnitude }) {
    const bits = bitsOf(magnitude);
    const low = clip(magnitude >= bits ? bits : bits - 1, 1, 7);
    const slopes = stairs(2 ** (8 - bits));
    let sum = 0;
    for (let i = 0; i < input.length; i++) {
      const v = input[i] as number;
      to[i] = (from[i] as number) * (slopes[v] as number);
      sum += (from[i] as number) * (kept(v, low + 1) - kept(v, low));
    }
    return sum / 255;
  },
});

/** Slope by value of stairs whose steps have this size. Steeper ones end at the first and the last jump in 0..255. */
function stairs(size: number): Float32Array {
  const spread = Math.min(size, SPREAD);
  const real = (jump: number) => size <= SPREAD || (jump > 0 && jump < 256);
  return Float32Array.from({ length: 256 }, (_, v) => {
    const nearest = size * Math.round((v + 0.5) / size);
    const jumps = [nearest - size, nearest, nearest + size].filter(real);
    return jumps.reduce((sum, jump) => sum + size * near(v + 0.5 - jump, spread), 0);
  });
}

/**
 * Inverts values from a threshold on. At the threshold t a value jumps by 255 − 2t; the jump is spread over the values near
 * t, and moves with the threshold and against the value.
 */
export const solarizeTwin = pixelTwin({
  lower: (plan, magnitude) => solarize.op.lower({ threshold: clip(magnitude, 0, 256) }, plan),
  backward({ input, from, to, magnitude: threshold }) {
    const slopes = new Float32Array(256);
    const jumps = new Float32Array(256);
    for (let v = 0; v < 256; v++) {
      jumps[v] = (255 - 2 * v) * near(v + 0.5 - threshold);
      slopes[v] = (v < threshold ? 1 : -1) + (jumps[v] as number);
    }
    let sum = 0;
    for (let i = 0; i < input.length; i++) {
      const g = from[i] as number;
      const v = input[i] as number;
      to[i] = g * (slopes[v] as number);
      sum -= g * (jumps[v] as number);
    }
    return sum / 255;
  },
});
