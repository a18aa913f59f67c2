/** Images that are broken, hostile or not images: one sentence each, that names the file and the fix. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { BadSampleError, type ImageRef } from '../../src/core/index.js';
import { Decoder, type DecoderOptions } from '../../src/io/index.js';
import { image, scratchFolder } from '../io/make.js';
import { crc32 } from './png.js';

const folder = scratchFolder();

/** The complaint about a sample: a `BadSampleError`, thrown or rejected. */
async function complaint(ref: ImageRef, options?: DecoderOptions): Promise<string> {
  using decoder = new Decoder(options);
  try {
    await decoder.decode(ref, undefined, 'train/x.jpg');
  } catch (error) {
    expect(error).toBeInstanceOf(BadSampleError);
    return (error as Error).message;
  }
  return 'it was decoded';
}

const of = (bytes: Uint8Array, options?: DecoderOptions) => complaint({ kind: 'bytes', bytes }, options);

/** One sentence: names the sample, has one line, says what to do. */
function sentence(text: string, ...parts: (string | RegExp)[]): void {
  expect(text).toMatch(/^train\/x\.jpg: [^\n]+; [^\n]+$/);
  expect(text).not.toMatch(/undefined|NaN|\[object/);
  for (const part of parts) expect(text).toMatch(part);
}

let jpeg: Buffer;
let progressive: Buffer;
let png: Buffer;
beforeAll(async () => {
  jpeg = await image().jpeg().toBuffer();
  progressive = await image().jpeg({ progressive: true }).toBuffer();
  png = await image().png().toBuffer();
});

describe('cut short', () => {
  test('JPEG at any length', async () => {
    for (let length = 2; length < jpeg.length; length += 7) {
      sentence(await of(jpeg.subarray(0, length)), 'cut short', 'restore');
    }
    sentence(await of(jpeg.subarray(0, -1)), 'cut short');
    sentence(await of(progressive.subarray(0, progressive.length / 2)), 'cut short');
  });

  test.each(['png', 'webp', 'avif', 'tiff', 'gif'] as const)('%s', async (format) => {
    const whole = await image(200, 200).toFormat(format).toBuffer();
    for (const part of [0.1, 0.5, 0.9]) {
      sentence(await of(whole.subarray(0, Math.floor(whole.length * part))), 'restore');
    }
  });
});

describe('damaged', () => {
  test('JPEG data are refused, or kept when asked for', async () => {
    const bytes = Buffer.from(await image(200, 200).jpeg().toBuffer());
    bytes.fill(0x5a, bytes.length - 600, bytes.length - 500);
    sentence(await of(bytes), 'damaged', "damaged: 'keep'");
    const pixels = await new Decoder({ damaged: 'keep' }).decode({ kind: 'bytes', bytes });
    expect([pixels.width, pixels.height]).toEqual([200, 200]);
  });

  test('JPEG headers', async () => {
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    const twice = Buffer.concat([jpeg.subarray(0, at), jpeg.subarray(at, at + 19), jpeg.subarray(at)]);
    sentence(await of(twice), 'header is damaged');
    sentence(await of(patched(jpeg, at + 5, [0, 0])), 'header is damaged');
    sentence(await of(patched(jpeg, at + 2, [0, 1])), 'header is damaged');
    sentence(await of(Buffer.from([0xff, 0xd8, 0xff, 0xd9])), 'header is damaged');
  });

  test('PNG checksums', async () => {
    sentence(await of(patched(png, png.length - 30, [1, 2, 3])), 'PNG', 'restore');
  });
});

test('empty', async () => {
  writeFileSync(join(folder, 'empty.jpg'), '');
  sentence(await complaint({ kind: 'file', path: join(folder, 'empty.jpg') }), 'empty');
  sentence(await of(new Uint8Array()), 'empty');
  sentence(
    await complaint({ kind: 'range', path: join(folder, 'empty.jpg'), offset: 0, length: 0 }),
    'empty',
  );
});

test('not an image', async () => {
  sentence(await of(Buffer.from('hello world')), 'found text', 'expected a JPEG');
  sentence(await of(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')), 'an SVG');
  sentence(await of(Buffer.from('<!DOCTYPE html><html><body>404</body></html>')), 'an HTML page');
  sentence(await of(Buffer.from('%PDF-1.7\n')), 'a PDF');
  sentence(await of(Buffer.alloc(5000)), 'zeros');
  sentence(await of(Buffer.from([1, 2, 3])), 'unknown bytes');
  sentence(await of(Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')), 'a HEIC');
});

test('files that are not there, are folders, or end too early', async () => {
  mkdirSync(join(folder, 'dir.jpg'));
  writeFileSync(join(folder, 'short.tar'), jpeg.subarray(0, 100));
  sentence(await complaint({ kind: 'file', path: join(folder, 'none.jpg') }), 'there is no file', 'none.jpg');
  sentence(await complaint({ kind: 'file', path: join(folder, 'dir.jpg') }), 'is a folder');
  sentence(
    await complaint({ kind: 'range', path: join(folder, 'none.tar'), offset: 0, length: 9 }),
    'there is no file',
  );
  const range = { kind: 'range', path: join(folder, 'short.tar'), offset: 50, length: 100 } as const;
  sentence(await complaint(range), 'ends 50 bytes too early');
});

test('without a name, the file is named', () => {
  const path = join(folder, 'nowhere.tar');
  const ref = { kind: 'range', path, offset: 512, length: 100 } as const;
  expect(() => new Decoder().decode(ref)).toThrow(`${path} (bytes 512..611): there is no file`);
});

describe('enormous', () => {
  test('JPEG, PNG, GIF and WebP that claim many pixels are refused by their header', async () => {
    const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    sentence(await of(patched(jpeg, at + 5, [0xff, 0xff, 0xff, 0xff])), '65535×65535', 'raise maxPixels');
    const huge = Buffer.from(png);
    huge.writeUInt32BE(100_000, 16);
    huge.writeUInt32BE(100_000, 20);
    huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
    sentence(await of(huge), '100000×100000', 'raise maxPixels');
    const gif = Buffer.from(await image().gif().toBuffer());
    gif.writeUInt16LE(65535, 6);
    gif.writeUInt16LE(65535, 8);
    sentence(await of(gif), '65535×65535');
    const webp = Buffer.from(await image().webp({ lossless: true }).toBuffer());
    webp.writeUInt32LE(0x0fffffff, 21);
    sentence(await of(webp), '16384×16384');
  });

  test('TIFF by its header, AVIF by libvips', async () => {
    for (const [format, said] of [
      ['tiff', '100×100'],
      ['avif', 'more pixels than maxPixels allows'],
    ] as const) {
      const data = await image(100, 100).toFormat(format).toBuffer();
      sentence(await of(data, { maxPixels: 9999 }), said, 'raise maxPixels');
      expect(await of(data, { maxPixels: 10_000 })).toBe('it was decoded');
    }
  });

  test('limits are exact', async () => {
    for (const data of [jpeg, png]) {
      expect(await of(data, { maxPixels: 48 * 40 })).toBe('it was decoded');
      sentence(await of(data, { maxPixels: 48 * 40 - 1 }), '48×40');
      expect(await of(data, { maxBytes: data.length })).toBe('it was decoded');
      sentence(await of(data, { maxBytes: data.length - 1 }), 'maxBytes');
    }
  });

  test('a file of more bytes than allowed is not read', async () => {
    const path = join(folder, 'long.jpg');
    writeFileSync(path, Buffer.concat([jpeg, Buffer.alloc(300_000)]));
    sentence(await complaint({ kind: 'file', path }, { maxBytes: 200_000 }), 'maxBytes');
    sentence(await complaint({ kind: 'file', path }, { maxBytes: 1000 }), 'maxBytes');
    expect(await complaint({ kind: 'file', path })).toBe('it was decoded');
  });

  test('a progressive JPEG of very many scans', async () => {
    const big = await sharp({ create: { width: 3000, height: 3000, channels: 3, background: 'red' } })
      .jpeg({ progressive: true })
      .toBuffer();
    expect(await of(big)).toBe('it was decoded');
    const scans = [...positions(big, Buffer.from([0xff, 0xda]))];
    const last = big.subarray(scans.at(-1), -2);
    const many = Buffer.concat([
      big.subarray(0, -2),
      ...Array.from({ length: 150 }, () => last),
      big.subarray(-2),
    ]);
    sentence(await of(many), 'progressive scans of 3000×3000', 'maxScannedPixels');
  });
});

test('what takes too long is given up', async () => {
  const slow = await sharp({
    create: {
      width: 1500,
      height: 1500,
      channels: 3,
      background: 'gray',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  })
    .png()
    .toBuffer();
  sentence(await of(slow, { timeout: 0.001 }), 'takes more than 0.001 s');
});

test('probing a broken header is one sentence too', () => {
  const decoder = new Decoder();
  const probe = (bytes: Uint8Array) => decoder.probe({ kind: 'bytes', bytes }, 'train/x.jpg');
  expect(() => probe(jpeg.subarray(0, 30))).toThrow(/^train\/x\.jpg: .*cut short/);
  expect(() => probe(Buffer.from('text'))).toThrow(/^train\/x\.jpg: expected a JPEG/);
});

function patched(bytes: Buffer, at: number, values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

function* positions(bytes: Buffer, of: Buffer): Generator<number> {
  for (let at = bytes.indexOf(of); at !== -1; at = bytes.indexOf(of, at + 1)) yield at;
}
