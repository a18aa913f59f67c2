/**
 * Pictures of `shapes10`, rendered many at a time: one SVG sheet of 8×8 scenes, cut up, each picture then
 * worn by light, noise and JPEG.
 *
 * Every picture depends on (seed, split, index) alone, whatever sheet it is rendered on.
 */
import { Draws, fold, type Key, keyOf, tag } from '../../core/index.js';
import { loadSharp } from '../../io/decode/native.js';
import { encode } from '../made/encode.js';
import { grains } from '../made/grain.js';
import type { Picture, PictureOptions } from '../made/maker.js';
import { SHAPES } from './glyphs.js';
import { scene } from './scene.js';

const ACROSS = 8;
export const SHEET = ACROSS * ACROSS;

/** Classes take turns: any count is as balanced as possible. */
export function labelOf(index: number): number {
  return index % SHAPES.length;
}

/** Pictures first..first+count−1, at most one sheet of them. */
export async function renderSheet(first: number, count: number, options: PictureOptions): Promise<Picture[]> {
  const { seed, split, size } = options;
  const key = fold(keyOf(seed), tag(`shapes10/${split}`));
  const keys = Array.from({ length: count }, (_, i) => fold(key, first + i));
  const cells = keys.map((k, i) => {
    const place = `x="${(i % ACROSS) * size}" y="${Math.floor(i / ACROSS) * size}" width="${size}" height="${size}"`;
    const inside = scene(labelOf(first + i), new Draws(fold(k, 0)), `c${i}`);
    return `<svg ${place} viewBox="-1 -1 2 2">${inside}</svg>`;
  });
  const [width, height] = [ACROSS * size, Math.ceil(count / ACROSS) * size];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${cells.join('')}</svg>`;
  const sharp = await loadSharp();
  const sheet = await sharp(Buffer.from(svg)).removeAlpha().toColorspace('srgb').raw().toBuffer();
  const pictures: Picture[] = [];
  for (const [i, k] of keys.entries()) {
    const start = 3 * (Math.floor(i / ACROSS) * size * width + (i % ACROSS) * size);
    const pixels = cut(sheet, start, 3 * width, size);
    const draws = new Draws(fold(k, 1));
    wear(pixels, size, draws, fold(k, 2));
    const quality = Math.round(draws.uniform(45, 95));
    pictures.push({ index: first + i, label: labelOf(first + i), jpeg: await encode(pixels, size, quality) });
  }
  return pictures;
}

function cut(sheet: Buffer, start: number, stride: number, size: number): Buffer {
  const pixels = Buffer.allocUnsafe(3 * size * size);
  for (let y = 0; y < size; y++)
    sheet.copy(pixels, 3 * size * y, start + y * stride, start + y * stride + 3 * size);
  return pixels;
}

/** Light that falls from one side, contrast, and noise, in place. */
function wear(pixels: Buffer, size: number, draws: Draws, key: Key): void {
  const contrast = draws.uniform(0.6, 1.1);
  const light = draws.uniform(-35, 35);
  const [across, down] = [draws.uniform(-1, 1) * 40, draws.uniform(-1, 1) * 40];
  const noise = grains(key, pixels.length, draws.uniform(0, 14));
  for (let i = 0; i < pixels.length; i++) {
    const at = Math.floor(i / 3);
    const x = (at % size) / size - 0.5;
    const y = Math.floor(at / size) / size - 0.5;
    const value =
      128 + contrast * ((pixels[i] as number) - 128) + light + across * x + down * y + (noise[i] as number);
    pixels[i] = Math.max(0, Math.min(255, Math.round(value)));
  }
}
