import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodeJpeg, jpegEncoder } from '../../src/io/encode-jpeg.js';

/** Smooth colors under noise, from a seed. */
function picture(width: number, height: number, seed: number) {
  const data = new Uint8Array(3 * width * height);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = (100 + 50 * Math.sin(i / 97 + seed) + (state >>> 27)) & 255;
  }
  return { data, width, height };
}

async function decoded(bytes: Uint8Array): Promise<Buffer> {
  return sharp(bytes).raw().toBuffer();
}

function meanDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] as number)), 0) / a.length;
}

describe('encodeJpeg', () => {
  for (const [width, height] of [
    [1, 1],
    [7, 33],
    [224, 224],
    [640, 479],
  ] as const) {
    test(`${width}×${height}: full chroma, and the pixels are there`, async () => {
      const image = picture(width, height, 3);
      const bytes = await encodeJpeg(image, 95);
      const { width: w, height: h, chromaSubsampling } = await sharp(bytes).metadata();
      expect([w, h, chromaSubsampling]).toEqual([width, height, '4:4:4']);
      expect(meanDifference(await decoded(bytes), image.data)).toBeLessThan(6);
    });
  }

  test('a lower quality is fewer bytes', async () => {
    const image = picture(64, 64, 1);
    const [low, high] = [await encodeJpeg(image, 30), await encodeJpeg(image, 95)];
    expect(low.length).toBeLessThan(high.length);
  });

  test('bytes depend on nothing that was written before, and stay when others are written', async () => {
    const image = picture(48, 40, 5);
    const first = await encodeJpeg(image, 95);
    const kept = Buffer.from(first);
    await encodeJpeg(picture(300, 200, 9), 40);
    const again = await encodeJpeg(image, 95);
    expect(again.equals(kept)).toBe(true);
    expect(first.equals(kept)).toBe(true);
  });

  test('fewer pixels than its size says are refused, and the next image is written', async () => {
    const { data } = picture(8, 8, 1);
    await expect(encodeJpeg({ data, width: 9, height: 8 }, 95)).rejects.toThrow(/9×8|expected/);
    const fine = await encodeJpeg({ data, width: 8, height: 8 }, 95);
    expect((await sharp(fine).metadata()).width).toBe(8);
  });

  test('without the library sharp writes the same pixels, and the encoder has its name', () => {
    const code = `
      const { encodeJpeg, jpegEncoder } = await import('./dist/io/encode-jpeg.js');
      const data = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (i * i) >> 7);
      const bytes = await encodeJpeg({ data, width: 64, height: 64 }, 95);
      console.log(JSON.stringify([jpegEncoder(), bytes.toString('base64')]));`;
    const of = (env: Record<string, string>) =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', code], {
          encoding: 'utf8',
          env: { ...process.env, ...env },
        }),
      ) as [string, string];
    const [name, bytes] = of({ RXAUG_DECODER: 'binding' });
    expect(name).toBe('sharp');
    const [here, ours] = of({ RXAUG_DECODER: '' });
    expect(here).toBe(jpegEncoder());
    return Promise.all([bytes, ours].map((one) => decoded(Buffer.from(one, 'base64')))).then(([a, b]) =>
      expect(meanDifference(a as Buffer, b as Buffer)).toBeLessThan(1),
    );
  });
});
