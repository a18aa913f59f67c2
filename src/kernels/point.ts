/**
 * Steps that change one row of uint8 RGB in place. Each rounds as Pillow's ImageEnhance does (truncation
 * after clipping), so a fused run of them equals the same steps one by one.
 */

import { fold, type Key } from '../core/random.js';
import { scramble } from './noise.js';
import type { RowStep } from './raster.js';

/** A table for each channel, [3, 256]. */
export type Tables = Uint8Array;

/** The same function of 0..255 for each channel, clipped and truncated. */
export function tableOf(f: (value: number) => number): Tables {
  const tables = new Uint8Array(768);
  for (let i = 0; i < 256; i++) {
    tables[i] = tables[256 + i] = tables[512 + i] = clip(f(i));
  }
  return tables;
}

/** A function of 0..255 and the channel, clipped and truncated. */
export function tablesOf(f: (value: number, channel: number) => number): Tables {
  return Uint8Array.from({ length: 768 }, (_, i) => clip(f(i & 255, i >> 8)));
}

const clip = (v: number) => (v <= 0 ? 0 : v >= 255 ? 255 : Math.trunc(v));

/** a + factor·(b − a) in single precision, as Pillow's Image.blend; still to be clipped. */
export const blend = (a: number, b: number, factor: number): number =>
  Math.fround(a + Math.fround(Math.fround(factor) * (b - a)));

/** One table that does what `first` and then `next` do. */
export function chain(first: Tables, next: Tables): Tables {
  const tables = new Uint8Array(768);
  for (let c = 0; c < 768; c += 256) {
    for (let i = 0; i < 256; i++) tables[c + i] = next[c + (first[c + i] as number)] as number;
  }
  return tables;
}

export function lookUp(tables: Tables): RowStep {
  return (row) => {
    for (let i = 0; i < row.length; i += 3) {
      row[i] = tables[row[i] as number] as number;
      row[i + 1] = tables[256 + (row[i + 1] as number)] as number;
      row[i + 2] = tables[512 + (row[i + 2] as number)] as number;
    }
  };
}

/** ITU-R 601 luma with 16-bit weights, rounded: Pillow's convert('L'). */
export const luma = (r: number, g: number, b: number): number =>
  (r * 19595 + g * 38470 + b * 7471 + 0x8000) >>> 16;

/** So far from 0..255 that all is clipped, and still a 32-bit number. */
const FAR = 2 ** 30;

/** ⌊f·d⌋ for d = −255..255, the product in single precision: what saturation adds to the luma. */
export function saturationOf(factor: number): Int32Array {
  const f = Math.fround(factor);
  const change = new Int32Array(511);
  for (let i = 0; i < 511; i++) {
    const product = Math.floor(Math.fround(f * (i - 255)));
    change[i] = Math.max(-FAR, Math.min(FAR, product));
  }
  return change;
}

/**
 * Blends each pixel with its luma L: 0 is gray, 1 the same, above 1 more vivid. clip(L + ⌊f·(x − L)⌋), which is
 * Pillow's truncated L + f·(x − L) but for what its last sum rounds up: two values in a million, by one.
 */
export function saturate(factor: number): RowStep {
  let change: Int32Array | undefined;
  return (row) => {
    change ??= saturationOf(factor);
    for (let i = 0; i < row.length; i += 3) {
      const [r, g, b] = [row[i] as number, row[i + 1] as number, row[i + 2] as number];
      const gray = luma(r, g, b);
      row[i] = clip(gray + (change[255 + r - gray] as number));
      row[i + 1] = clip(gray + (change[255 + g - gray] as number));
      row[i + 2] = clip(gray + (change[255 + b - gray] as number));
    }
  };
}

/** A rectangle [x0, x1) × [y0, y1), or part of it, with its fill: one color, or noise keyed by position. */
export interface Patch {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly color?: readonly [number, number, number];
  readonly noise?: Key;
  /** Which of its pixels are filled, default all. */
  readonly within?: (x: number, y: number) => boolean;
}

/** Fills a rectangle: with a color in 0..255, or uniform noise. */
export function fillPatch({ x0, y0, x1, y1, color, noise, within }: Patch): RowStep {
  const [red, green, blue] = color ?? [0, 0, 0];
  return (row, y) => {
    if (y < y0 || y >= y1) return;
    const line = noise && fold(noise, y);
    for (let x = x0, i = 3 * x0; x < x1; x++, i += 3) {
      if (within && !within(x, y)) continue;
      const bits = line ? scramble(line.a, line.b, x) : 0;
      row[i] = line ? bits & 255 : red;
      row[i + 1] = line ? (bits >>> 8) & 255 : green;
      row[i + 2] = line ? (bits >>> 16) & 255 : blue;
    }
  };
}

/** Fills rectangles in order; each row visits only those that cross it. */
export function fillPatches(patches: readonly Patch[]): RowStep {
  if (patches.length === 1) return fillPatch(patches[0] as Patch);
  let crossing: Map<number, RowStep[]> | undefined;
  return (row, y) => {
    crossing ??= byRow(patches);
    for (const fill of crossing.get(y) ?? []) fill(row, y);
  };
}

function byRow(patches: readonly Patch[]): Map<number, RowStep[]> {
  const rows = new Map<number, RowStep[]>();
  for (const patch of patches) {
    const fill = fillPatch(patch);
    for (let y = patch.y0; y < patch.y1; y++) {
      const kept = rows.get(y);
      if (kept) kept.push(fill);
      else rows.set(y, [fill]);
    }
  }
  return rows;
}
