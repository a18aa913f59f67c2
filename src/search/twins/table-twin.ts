/** Twins of ops that replace each value by another, by a table that depends on the magnitude alone. */
import type { PlanBuilder } from '../../augment/index.js';
import type { PixelTwin } from '../space/search-op.js';
import { pixelTwin } from './pixel-twin.js';

export interface TableRule {
  lower(plan: PlanBuilder, magnitude: number): void;
  /** The value that becomes of `value`, 0..255 and between, before it is clipped and rounded. */
  value(value: number, magnitude: number): number;
  /** Its derivative by the magnitude. */
  byMagnitude(value: number, magnitude: number): number;
}

const clip = (v: number) => Math.min(255, Math.max(0, v));

/** The slope at a byte is the mean slope over the values that are rounded to it. */
export function tableTwin({ lower, value, byMagnitude }: TableRule): PixelTwin {
  return pixelTwin({
    lower,
    backward({ input, from, to, magnitude }) {
      const slopes = new Float32Array(256);
      const changes = new Float32Array(256);
      let low = clip(value(0, magnitude));
      for (let v = 0; v < 256; v++) {
        const high = clip(value(Math.min(255, v + 0.5), magnitude));
        slopes[v] = (high - low) / (v === 0 || v === 255 ? 0.5 : 1);
        low = high;
        const now = value(v, magnitude);
        changes[v] = now >= 0 && now <= 255 ? byMagnitude(v, magnitude) / 255 : 0;
      }
      let sum = 0;
      for (let i = 0; i < input.length; i++) {
        const g = from[i] as number;
        to[i] = g * (slopes[input[i] as number] as number);
        sum += g * (changes[input[i] as number] as number);
      }
      return sum;
    },
  });
}
