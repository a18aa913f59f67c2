import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { asColor, between, color, drawSeed, interval, seed, seedKey } from '../transform/options.js';
import { plasma } from '../transform/plasma.js';
import { overlay } from './overlay.js';

const share = z.number().min(0).max(1);
/** Amplitude of each octave of the field to the one before: clouds, not grain. */
const ROUGHNESS = 0.55;

/**
 * Fog: fades the image to a light gray by out = x + (fog − x)·a, as light does in haze (Koschmieder, 1924). The
 * opacity a varies about `strength` with a plasma field of the drawn seed.
 *
 * `fog(0.4)` is exactly that strength; a schedule works in place of the number. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example fog(0.4)
 */
export const fog = defineTransform({
  name: 'fog',
  options: z.strictObject({
    /** Mean opacity, default 0.2 to 0.6. */
    strength: interval(0, 1).default([0.2, 0.6]),
    /** How far the opacity swings, as a share of what the strength allows, default 0.4 to 0.8. */
    patchiness: interval(0, 1).default([0.4, 0.8]),
    color: color.default([222, 226, 230]),
  }),
  params: z.strictObject({ strength: share, patchiness: share, color: color, seed }),
  p: 0.5,
  shorthand: exactly('strength'),
  magnitude: (strength) => ({ strength: exact(0.8 * strength) }),
  draw: (draws, { strength, patchiness, color }) => ({
    strength: between(draws, strength),
    patchiness: between(draws, patchiness),
    color,
    seed: drawSeed(draws),
  }),
  lower({ strength, patchiness, color, seed }, plan) {
    if (strength === 0) return;
    overlay(plan, 'fog', asColor(color), ({ data, width, height }) => {
      const field = plasma(seedKey(seed), ROUGHNESS);
      const mean = field.reduce((sum, v) => sum + v, 0) / field.length;
      const at = overImage(field, width, height);
      const values = new Float32Array(width);
      const swing = patchiness * Math.min(strength / mean, (1 - strength) / (1 - mean));
      for (let y = 0, o = 0; y < height; y++) {
        at(y, values);
        for (let x = 0; x < width; x++, o++) {
          data[o] = 255 * Math.min(1, Math.max(0, strength + swing * ((values[x] as number) - mean))) + 0.5;
        }
      }
    });
  },
});

/** Rows of a square field, interpolated; it spans the longer side. */
function overImage(
  field: Float32Array,
  width: number,
  height: number,
): (y: number, values: Float32Array) => void {
  const side = Math.round(Math.sqrt(field.length));
  const pitch = (side - 1) / Math.max(width, height);
  const line = new Float32Array(side);
  return (y, values) => {
    const v = (y + 0.5) * pitch;
    const top = Math.floor(v);
    for (let i = 0, low = side * top; i < side; i++, low++) {
      line[i] = field[low]! + (v - top) * (field[low + side]! - field[low]!);
    }
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) * pitch;
      const left = Math.floor(u);
      values[x] = line[left]! + (u - left) * (line[left + 1]! - line[left]!);
    }
  };
}
