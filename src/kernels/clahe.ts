/**
 * Contrast-limited adaptive histogram equalization of the luma, with the arithmetic of OpenCV's createCLAHE on Y:
 * tables by tile, interpolated between the middles of tiles in single precision. The change of luma is added to
 * red, green and blue. The plain twin of assembly/clahe.ts.
 */
import { borderIndex } from './geometry.js';
import { luma } from './point.js';

export interface Clahe {
  /** Tiles along the width and along the height. */
  readonly across: number;
  readonly down: number;
  /** Times the mean height of a tile's histogram. */
  readonly clipLimit: number;
}

export function clahe(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  options: Clahe,
): void {
  const lumas = new Uint8Array(width * height);
  for (let i = 0, p = 0; i < lumas.length; i++, p += 3)
    lumas[i] = luma(input[p]!, input[p + 1]!, input[p + 2]!);
  const count = (from: number, n: number, counts: Int32Array) => {
    for (let i = from; i < from + n; i++) counts[lumas[i]!]!++;
  };
  const counts = new Int32Array(256);
  const tables = new Uint8Array(256 * options.across * options.down);
  tileTables(width, height, options, counts, count, tables);
  change(input, output, lumas, width, height, tables, options);
}

/**
 * A table for each tile, [down, across, 256]. `count` adds the lumas from .. from + n − 1 of the image, which lie
 * in one row, to the counts.
 */
export function tileTables(
  width: number,
  height: number,
  { across, down, clipLimit }: Clahe,
  counts: Int32Array,
  count: (from: number, n: number, counts: Int32Array) => void,
  tables: Uint8Array,
): void {
  const [w, h] = [Math.ceil(width / across), Math.ceil(height / down)];
  const area = w * h;
  const limit = Math.max(1, Math.floor((clipLimit * area) / 256));
  const scale = Math.fround(255 / area);
  for (let t = 0; t < across * down; t++) {
    const [left, top] = [(t % across) * w, Math.floor(t / across) * h];
    counts.fill(0);
    for (let y = top; y < top + h; y++) {
      // Tiles beyond the image use its mirror image.
      const line = width * borderIndex(y, 0, height, 'reflect');
      const inside = Math.max(0, Math.min(width, left + w) - left);
      count(line + left, inside, counts);
      for (let x = left + inside; x < left + w; x++)
        count(line + borderIndex(x, 0, width, 'reflect'), 1, counts);
    }
    clipCounts(counts, limit);
    for (let i = 0, sum = 0; i < 256; i++) {
      sum += counts[i]!;
      tables[256 * t + i] = Math.min(255, halfToEven(Math.fround(sum * scale)));
    }
  }
}

/** Clips the counts at the limit and distributes the excess evenly. */
function clipCounts(counts: Int32Array, limit: number): void {
  let cut = 0;
  for (let i = 0; i < 256; i++) {
    const over = counts[i]! - limit;
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

function change(
  input: Uint8Array,
  output: Uint8Array,
  lumas: Uint8Array,
  width: number,
  height: number,
  tables: Uint8Array,
  { across, down }: Clahe,
): void {
  const f = Math.fround;
  const columns = neighbors(width, across);
  const rows = neighbors(height, down);
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
export function neighbors(n: number, tiles: number) {
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
