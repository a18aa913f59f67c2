/**
 * A semi-transparent overlay in front of the image: a mask [H, W] of its opacity (0..255) and a color. The mask is painted
 * when the first row is rendered, not when the plan is made.
 */
import type { Color } from '../../kernels/index.js';
import type { PlanBuilder } from '../plan/plan.js';

/** [H, W] uint8, row-major; 0 is transparent. */
export interface Mask {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export function overlay(plan: PlanBuilder, name: string, color: Color, paint: (mask: Mask) => void): void {
  const { width, height } = plan;
  let data: Uint8Array | undefined;
  plan.row(name, (row, y) => {
    if (!data) {
      data = new Uint8Array(width * height);
      paint({ data, width, height });
    }
    cover(row, data, width * y, color);
  });
}

/** out = x + (color − x)·a/255, rounded; one `a` a pixel, from `mask` at an index on. */
function cover(row: Uint8Array, mask: Uint8Array, at: number, [r, g, b]: Color): void {
  for (let i = 0; i < row.length; i += 3, at++) {
    const a = 257 * (mask[at] as number);
    if (a === 0) continue;
    row[i]! += ((r - (row[i] as number)) * a + 32768) >> 16;
    row[i + 1]! += ((g - (row[i + 1] as number)) * a + 32768) >> 16;
    row[i + 2]! += ((b - (row[i + 2] as number)) * a + 32768) >> 16;
  }
}

/** The larger opacity: the current one or `value`. */
export function most(data: Uint8Array, at: number, value: number): void {
  if (value > (data[at] as number)) data[at] = value;
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothStep(low: number, high: number, v: number): number {
  const t = Math.min(1, Math.max(0, (v - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

/** Blurs a mask by the mean over 2·reach + 1 values along rows, then along columns; twice is nearly a Gaussian. */
export function soften({ data, width, height }: Mask, reach: number, times = 2): void {
  const r = Math.min(reach, Math.max(width, height));
  if (r < 1) return;
  const scale = 1 / (2 * r + 1);
  const before = new Uint8Array(data.length);
  const sums = new Int32Array(width);
  const rowAt = (y: number) => width * (y < 0 ? 0 : y >= height ? height - 1 : y);
  for (let i = 0; i < times; i++) {
    before.set(data);
    for (let y = 0; y < height; y++) {
      const [first, last] = [width * y, width * (y + 1) - 1];
      const at = (x: number) => before[x < first ? first : x > last ? last : x] as number;
      let sum = r; // half of 2·r + 1, to round
      for (let x = first - r; x <= first + r; x++) sum += at(x);
      for (let x = first; x <= last; x++) {
        data[x] = sum * scale;
        sum += at(x + r + 1) - at(x - r);
      }
    }
    before.set(data);
    sums.fill(r);
    for (let y = -r; y <= r; y++) {
      for (let x = 0, o = rowAt(y); x < width; x++, o++) sums[x]! += before[o] as number;
    }
    for (let y = 0, o = 0; y < height; y++) {
      const [next, past] = [rowAt(y + r + 1), rowAt(y - r)];
      for (let x = 0; x < width; x++, o++) {
        const sum = sums[x] as number;
        data[o] = sum * scale;
        sums[x] = sum + (before[next + x] as number) - (before[past + x] as number);
      }
    }
  }
}
