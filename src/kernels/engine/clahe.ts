/** CLAHE on the kernels: the twin of ../clahe.ts, the same to the bit. */
import { type Clahe, neighbors, tileTables } from '../clahe.js';
import type { FastFilter } from './fast.js';

export const claheOn =
  (options: Clahe): FastFilter =>
  (kernels, regions, { at, width, height }, to) => {
    const { across, down } = options;
    const pixels = width * height;
    const lumas = regions.at('lumas', pixels);
    const countsAt = regions.at('counts', 3072);
    const tables = regions.at('clahe tables', 256 * across * down);
    const firsts = regions.at('clahe firsts', 4 * width);
    const seconds = regions.at('clahe seconds', 4 * width);
    const shares = regions.at('clahe shares', 4 * width);
    kernels.lumaRow(at, pixels, lumas);
    const counts = regions.int32(countsAt, 256);
    const count = (from: number, n: number) => kernels.countRow(lumas + from, n, countsAt);
    const all = regions.bytes.subarray(tables, tables + 256 * across * down);
    tileTables(width, height, options, counts, count, all);

    const columns = neighbors(width, across);
    const rows = neighbors(height, down);
    for (const [address, tiles] of [
      [firsts, columns.first],
      [seconds, columns.second],
    ] as const) {
      regions.int32(address, width).set(tiles.map((tile) => 256 * tile));
    }
    regions.float32(shares, width).set(columns.share);
    for (let y = 0; y < height; y++) {
      const upper = tables + 256 * across * (rows.first[y] as number);
      const lower = tables + 256 * across * (rows.second[y] as number);
      const line = 3 * width * y;
      const share = rows.share[y] as number;
      kernels.claheRow(
        at + line,
        lumas + width * y,
        width,
        upper,
        lower,
        share,
        firsts,
        seconds,
        shares,
        to + line,
      );
    }
  };
