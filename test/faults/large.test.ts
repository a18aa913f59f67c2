/** Photos of 50 megapixels: decoded at a fraction, in memory that does not grow with the image. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { whyNotTurboJpeg } from '../../src/io/decode/turbojpeg-library.js';
import { picture, scratchFolder } from '../io/make.js';

const folder = scratchFolder();
const absent = whyNotTurboJpeg();

interface Measured {
  readonly idle: number;
  readonly peak: number;
  readonly sizes: readonly [number, number][];
}

async function measured(path: string, decoder: object): Promise<Measured> {
  const child = join(import.meta.dirname, 'large-child.mjs');
  const args = ['--expose-gc', child, path, JSON.stringify(decoder)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Measured;
}

it.skipIf(absent !== undefined)(
  `a JPEG of 50 megapixels goes to 224 × 224 in at most 64 MB above the idle process${absent ? ` (skipped: ${absent})` : ''}`,
  async () => {
    const path = join(folder, 'large.jpg');
    await sharp(picture(866, 577), { raw: { width: 866, height: 577, channels: 3 } })
      .resize(8660, 5774, { kernel: 'nearest' })
      .jpeg({ quality: 90 })
      .toFile(path);
    const { idle, peak, sizes } = await measured(path, {});
    expect(sizes).toEqual(new Array(5).fill([224, 224]));
    expect((peak - idle) / 1e6).toBeLessThanOrEqual(64);
    // The measure is one: all of its pixels take 150 MB.
    const whole = await measured(path, { scaledDecode: false });
    expect((whole.peak - whole.idle) / 1e6).toBeGreaterThan(100);
  },
);
