/** Pictures like photographs, made not read, and the copies of them that people make. */
import sharp from 'sharp';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { picture } from '../../src/testing/pictures.js';

export interface Photo {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Waves, and on them discs and boxes of many sizes. */
export function photo(seed: number, width = 160, height = 120): Photo {
  const { data } = picture(width, height, seed);
  const draws = new Draws(fold(keyOf(seed), 7));
  for (let shape = 0; shape < 14; shape++) {
    const [x, y] = [draws.uniform(0, width), draws.uniform(0, height)];
    const [rx, ry] = [draws.uniform(4, width / 4), draws.uniform(4, height / 4)];
    const color = [draws.int(256), draws.int(256), draws.int(256)];
    const round = draws.chance(0.5);
    for (let v = Math.max(0, Math.floor(y - ry)); v < Math.min(height, y + ry); v++)
      for (let u = Math.max(0, Math.floor(x - rx)); u < Math.min(width, x + rx); u++) {
        if (round && ((u - x) / rx) ** 2 + ((v - y) / ry) ** 2 > 1) continue;
        const p = 3 * (v * width + u);
        for (let c = 0; c < 3; c++) data[p + c] = (data[p + c]! + 2 * color[c]!) / 3;
      }
  }
  return { data: Buffer.from(data), width, height };
}

type Encoded = Promise<Buffer>;
const open = ({ data, width, height }: Photo) => sharp(data, { raw: { width, height, channels: 3 } });

/** What people do to a photo, as files. */
export const COPIES: Readonly<Record<string, (photo: Photo, seed: number) => Encoded>> = {
  resized: (p) =>
    open(p)
      .resize(Math.round(p.width / 2), Math.round(p.height / 2))
      .jpeg({ quality: 85 })
      .toBuffer(),
  squashed: (p) => open(p).resize(96, 96, { fit: 'fill' }).png().toBuffer(),
  'quality 30': (p) => open(p).jpeg({ quality: 30 }).toBuffer(),
  cropped: (p, seed) => crop(p, seed).jpeg({ quality: 90 }).toBuffer(),
  brighter: (p) => open(p).linear(1.25, 0).jpeg({ quality: 90 }).toBuffer(),
  darker: (p) => open(p).linear(0.6, 0).jpeg({ quality: 90 }).toBuffer(),
  gray: (p) => open(p).grayscale().jpeg({ quality: 90 }).toBuffer(),
  mirrored: (p) => open(p).flop().jpeg({ quality: 90 }).toBuffer(),
};

/** 95 % of each side, anywhere. */
function crop(p: Photo, seed: number) {
  const draws = new Draws(fold(keyOf(seed), 8));
  const [width, height] = [Math.round(0.95 * p.width), Math.round(0.95 * p.height)];
  const [left, top] = [draws.int(p.width - width + 1), draws.int(p.height - height + 1)];
  return open(p).extract({ left, top, width, height });
}

export const original = (p: Photo): Encoded => open(p).jpeg({ quality: 92 }).toBuffer();
