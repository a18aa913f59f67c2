/** The last step of rendering: writes a uint8 row into the batch, in its dtype, layout and scale. */
import type { Dtype, Layout } from '../core/batch.js';
import { fold } from '../core/random.js';
import { normalAt } from './noise.js';
import type { Patch } from './point.js';

/** Where one image goes: a view of exactly H·W·3 values. */
export interface Target {
  readonly data: Uint8Array | Float32Array;
  readonly width: number;
  readonly height: number;
  readonly dtype: Dtype;
  readonly layout: Layout;
}

/** value·factor + bias by channel, in single precision. */
export interface Scale {
  readonly factor: readonly number[];
  readonly bias: readonly number[];
}

/** value/255, or (value/255 − mean)/std by channel. */
export function scaleOf(mean: readonly number[] = [0, 0, 0], std: readonly number[] = [1, 1, 1]): Scale {
  return {
    factor: std.map((s) => Math.fround(1 / (255 * s))),
    bias: std.map((s, c) => Math.fround(-(mean[c] as number) / s)),
  };
}

/** [3, 256] float32: a scale as a table. */
export function writeTable({ factor, bias }: Scale): Float32Array {
  const table = new Float32Array(768);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < 256; i++) {
      table[256 * c + i] = Math.fround(Math.fround(i * (factor[c] as number)) + (bias[c] as number));
    }
  }
  return table;
}

/** Writes row y ([W, 3] uint8) through the table for float32, as it is for uint8. */
export function writeRow(
  { data, width, height, dtype, layout }: Target,
  table: Float32Array,
  y: number,
  row: Uint8Array,
): void {
  const step = layout === 'HWC' ? 3 : 1;
  const plane = layout === 'HWC' ? 1 : width * height;
  let o = y * width * step;
  if (dtype === 'uint8') {
    if (layout === 'HWC') {
      data.set(row, o);
      return;
    }
    for (let i = 0; i < 3 * width; i += 3, o += step) {
      data[o] = row[i] as number;
      data[o + plane] = row[i + 1] as number;
      data[o + 2 * plane] = row[i + 2] as number;
    }
    return;
  }
  for (let i = 0; i < 3 * width; i += 3, o += step) {
    data[o] = table[row[i] as number] as number;
    data[o + plane] = table[256 + (row[i + 1] as number)] as number;
    data[o + 2 * plane] = table[512 + (row[i + 2] as number)] as number;
  }
}

/** Fills a rectangle of a written image, in its own units: a color, or standard normal noise keyed by place. */
export function fillWritten(target: Target, patch: Patch): void {
  const { data, width, height, layout } = target;
  const { x0, y0, x1, y1, color, noise, within } = patch;
  if (!noise && !within) {
    fillPlain(target, patch);
    return;
  }
  const [pixel, channel] = layout === 'HWC' ? [3, 1] : [1, width * height];
  for (let y = y0; y < y1; y++) {
    const line = noise && fold(noise, y);
    for (let x = x0; x < x1; x++) {
      if (within && !within(x, y)) continue;
      const at = pixel * (y * width + x);
      for (let c = 0; c < 3; c++) {
        data[at + channel * c] = line ? normalAt(line, 3 * x + c) : (color?.[c] ?? 0);
      }
    }
  }
}

/** A whole rectangle in one color: runs are filled at once, or copied from its first row. */
function fillPlain({ data, width, height, layout }: Target, { x0, y0, x1, y1, color }: Patch): void {
  if (x0 >= x1) return;
  const [red, green, blue] = color ?? [0, 0, 0];
  const planar = layout === 'CHW';
  if (planar || (red === green && green === blue)) {
    const [step, planes] = planar ? [1, [red, green, blue]] : [3, [red]];
    planes.forEach((value, c) => {
      for (let y = y0; y < y1; y++) {
        const at = (c * height + y) * width;
        data.fill(value, step * (at + x0), step * (at + x1));
      }
    });
    return;
  }
  for (let x = x0, at = 3 * (y0 * width + x0); x < x1 && y0 < y1; x++, at += 3) {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
  }
  const [from, to] = [3 * (y0 * width + x0), 3 * (y0 * width + x1)];
  for (let y = y0 + 1; y < y1; y++) data.copyWithin(3 * (y * width + x0), from, to);
}
