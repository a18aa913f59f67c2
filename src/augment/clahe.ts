/**
 * Contrast-limited adaptive histogram equalization (Zuiderveld, 1994) of the luma: the image is cut into tiles,
 * each tile's histogram is clipped at `clipLimit` times its mean height and equalizes the tile, and between
 * the middles of tiles the tables are interpolated. Arithmetic as OpenCV's createCLAHE on the Y of YCrCb; the
 * change of luma is added to red, green and blue.
 */
import { z } from 'zod';
import { borderIndex, luma } from '../kernels/index.js';
import { between, interval } from './options.js';
import { defineTransform } from './transform.js';

const count = z.int().min(1).max(64);
const tiles = z.tuple([count, count]).default([8, 8]);

export const clahe = defineTransform({
  name: 'clahe',
  options: z.strictObject({
    /** Times the mean height of the histogram, default 1 to 4. */
    clipLimit: interval(0.01, 256).default([1, 4]),
    /** Tiles along the height and along the width, default 8 × 8. */
    tiles,
  }),
  params: z.strictObject({ clipLimit: z.number().positive(), tiles }),
  p: 0.5,
  draw: (draws, { clipLimit, tiles: [down, across] }) => ({
    clipLimit: between(draws, clipLimit),
    tiles: [down, across] as [number, number],
  }),
  lower({ clipLimit, tiles: [down, across] }, plan) {
    plan.filter('clahe', (input, output, width, height) => {
      const lumas = new Uint8Array(width * height);
      for (let i = 0, p = 0; i < lumas.length; i++, p += 3) {
        lumas[i] = luma(input[p] as number, input[p + 1] as number, input[p + 2] as number);
      }
      const tables = tileTables(lumas, width, height, across, down, clipLimit);
      change(input, output, lumas, width, height, tables, across, down);
    });
  },
});

/** A table for each tile, [down, across, 256]. */
function tileTables(
  lumas: Uint8Array,
  width: number,
  height: number,
  across: number,
  down: number,
  clipLimit: number,
): Uint8Array {
  const [w, h] = [Math.ceil(width / across), Math.ceil(height / down)];
  const area = w * h;
  const limit = Math.max(1, Math.floor((clipLimit * area) / 256));
  const scale = Math.fround(255 / area);
  const tables = new Uint8Array(256 * across * down);
  const counts = new Int32Array(256);
  for (let t = 0; t < across * down; t++) {
    const [left, top] = [(t % across) * w, Math.floor(t / across) * h];
    counts.fill(0);
    for (let y = top; y < top + h; y++) {
      // Tiles that stick out see the image mirrored.
      const line = width * borderIndex(y, 0, height, 'reflect');
      for (let x = left; x < left + w; x++) {
        const at = x < width ? x : borderIndex(x, 0, width, 'reflect');
        counts[lumas[line + at] as number]!++;
      }
    }
    clipCounts(counts, limit);
    for (let i = 0, sum = 0; i < 256; i++) {
      sum += counts[i] as number;
      tables[256 * t + i] = Math.min(255, halfToEven(Math.fround(sum * scale)));
    }
  }
  return tables;
}

/** Cuts the counts off at the limit, and deals what was cut out evenly. */
function clipCounts(counts: Int32Array, limit: number): void {
  let cut = 0;
  for (let i = 0; i < 256; i++) {
    const over = (counts[i] as number) - limit;
    if (over <= 0) continue;
    cut += over;
    counts[i] = limit;
  }
  const each = cut >> 8;
  let left = cut & 255;
  for (let i = 0; i < 256; i++) counts[i]! += each;
  const step = Math.max(1, Math.floor(256 / left));
  for (let i = 0; i < 256 && left > 0; i += step, left--) counts[i]!++;
}

/** Looks each luma up in the four tables around it, in single precision, and adds its change to the colours. */
function change(
  input: Uint8Array,
  output: Uint8Array,
  lumas: Uint8Array,
  width: number,
  height: number,
  tables: Uint8Array,
  across: number,
  down: number,
): void {
  const f = Math.fround;
  const columns = neighbours(width, across);
  const rows = neighbours(height, down);
  for (let y = 0, i = 0, p = 0; y < height; y++) {
    const upper = 256 * across * rows.first[y]!;
    const lower = 256 * across * rows.second[y]!;
    const ya = rows.share[y]!;
    const yb = f(1 - ya);
    for (let x = 0; x < width; x++, i++) {
      const is = lumas[i]!;
      const l = 256 * columns.first[x]! + is;
      const r = 256 * columns.second[x]! + is;
      const xa = columns.share[x]!;
      const xb = f(1 - xa);
      const u = f(f(tables[upper + l]! * xb) + f(tables[upper + r]! * xa));
      const d = f(f(tables[lower + l]! * xb) + f(tables[lower + r]! * xa));
      const by = halfToEven(f(f(u * yb) + f(d * ya))) - is;
      for (const end = p + 3; p < end; p++) {
        const v = input[p]! + by;
        output[p] = v < 0 ? 0 : v > 255 ? 255 : v;
      }
    }
  }
}

/** For each of n pixels, the two tiles whose middles it lies between, and the share of the second. */
function neighbours(n: number, tiles: number) {
  const first = new Int32Array(n);
  const second = new Int32Array(n);
  const share = new Float32Array(n);
  const pitch = Math.fround(1 / Math.ceil(n / tiles));
  for (let i = 0; i < n; i++) {
    const at = Math.fround(Math.fround(i * pitch) - 0.5);
    const low = Math.floor(at);
    first[i] = Math.max(0, low);
    second[i] = Math.min(tiles - 1, low + 1);
    share[i] = at - low;
  }
  return { first, second, share };
}

function halfToEven(v: number): number {
  const low = Math.floor(v);
  const rest = v - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
