/** Files in many colors, depths and layouts against Pillow: equal, within a bound, right where Pillow is not, or refused. */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BadSampleError } from '../../src/core/index.js';
import { Decoder, type DecoderOptions, type ImageInfo, type Pixels } from '../../src/io/index.js';
import { difference } from './make.js';

interface Kept {
  readonly width: number;
  readonly height: number;
  readonly pixels: string;
}
interface File {
  readonly name: string;
  readonly file: string;
  readonly pillow: (Kept & { mode: string }) | { refused: string };
  /** What the file stands for, where Pillow gives something else. */
  readonly truth?: Kept;
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/io-colors/colors.json', import.meta.url), 'utf8'),
) as { files: File[] };

const SIGNED = /has signed samples, which have no agreed black and white; save it with 8 or 16 bits$/;
const FLOATS = /has floating-point samples, which have no agreed black and white; save it with 8 or 16 bits$/;
const LAB = /is stored as LAB, which is not read; save it as RGB$/;
const PACKED = (name: string) =>
  new RegExp(`is compressed with ${name}, which is not read; save it with LZW, Deflate or none$`);
const CHANNELS = /has \d channels a pixel that are not RGB, with or without alpha; save it as gray or RGB$/;

/** Refused, and in what words. Pillow reads some of them; see docs/decoding.md. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  'jpeg/12-bit': /has 12 bits a sample; save it with 8 bits in gray or RGB$/,
  'tiff/rgb-zstd': PACKED('Zstandard'),
  'tiff/rgb-lzma': PACKED('LZMA'),
  'tiff/rgb-jpeg2000': PACKED('JPEG 2000'),
  'tiff/gray-12': /has 12 bits a sample, which are not read; save it with 8 or 16 bits$/,
  'tiff/uint-32': /has 32 bits a sample, which are not read; save it with 8 or 16 bits$/,
  'tiff/int-8': SIGNED,
  'tiff/int-16': SIGNED,
  'tiff/float-16': FLOATS,
  'tiff/float-32': FLOATS,
  'tiff/float-64': FLOATS,
  'tiff/float-32-rgb': FLOATS,
  'tiff/complex': /has complex samples, which have no agreed black and white; save it with 8 or 16 bits$/,
  'tiff/rgb-and-unspecified': CHANNELS,
  'tiff/rgb-and-undeclared': CHANNELS,
  'tiff/five-channels': CHANNELS,
  'tiff/cielab': LAB,
  'tiff/icclab': LAB,
  'tiff/itulab': LAB,
  'tiff/thumbnail-first':
    /begins with a reduced copy of the picture; save the full picture as its first page$/,
};

/** Levels between ours and Pillow's, at most; all others are equal to the byte. */
const WITHIN: Readonly<Record<string, number>> = {
  // Rounding where alpha blends.
  'png/rgba': 1,
  'png/rgba-16': 1,
  'png/gray-alpha': 1,
  'png/gray-alpha-16': 1,
  'png/palette-2-transparent': 1,
  'png/palette-4-transparent': 1,
  'png/palette-8-transparent': 1,
  'tiff/rgba': 1,
  'tiff/rgba-premultiplied': 1,
  'tiff/gray-alpha': 1,
  'webp/alpha': 1,
  // Rounding of chroma.
  'tiff/ycbcr-raw': 1,
  'tiff/ycbcr-video-levels': 3,
  'avif/444': 1,
  'avif/alpha': 2,
  'avif/10-bit': 3,
  'avif/animated': 1,
  'avif/exif-6': 1,
  // libheif and libavif enlarge chroma in different ways.
  'avif/420': 37,
  // CMYK as inks of a press, where Pillow takes it as light.
  'jpeg/cmyk': 130,
  'jpeg/ycck': 130,
  'tiff/cmyk': 130,
};

/** Levels between ours and what the file stands for, where Pillow gives something else. */
const TRUE_WITHIN: Readonly<Record<string, number>> = {
  // Pillow clips 16 bits to 8 where it makes RGB of gray.
  'png/gray-16': 0,
  'tiff/gray-16': 0,
  'tiff/gray-16-white-is-0': 0,
  // Pillow ignores profiles.
  'jpeg/icc-p3': 17,
  'jpeg/icc-linear': 28,
  'png/icc-p3': 1,
  'png/icc-linear': 1,
  // Pillow turns by XMP what has no orientation in EXIF.
  'jpeg/xmp-6': 35,
  'png/xmp-6': 0,
  'tiff/xmp-6': 0,
  'webp/xmp-6': 0,
};

const bytesOf = ({ pixels }: Kept) => inflateSync(Buffer.from(pixels, 'base64'));
const refOf = ({ file }: File) => ({ kind: 'bytes', bytes: Buffer.from(file, 'base64') }) as const;

async function decode(file: File, options?: DecoderOptions): Promise<Pixels> {
  using decoder = new Decoder(options);
  const pixels = await decoder.decode(refOf(file), undefined, file.name);
  return { ...pixels, data: pixels.data.slice() };
}

async function complaint(file: File, how: 'decode' | 'probe'): Promise<string> {
  using decoder = new Decoder();
  try {
    const done: Pixels | ImageInfo =
      how === 'probe'
        ? await decoder.probe(refOf(file), file.name)
        : await decoder.decode(refOf(file), undefined, file.name);
    return `${how} gave ${done.width}×${done.height}`;
  } catch (error) {
    expect(error).toBeInstanceOf(BadSampleError);
    return (error as Error).message;
  }
}

function expectNear(got: Pixels, want: Kept, most: number): void {
  expect([got.width, got.height]).toEqual([want.width, want.height]);
  expect(difference(got.data, bytesOf(want)).largest).toBeLessThanOrEqual(most);
}

describe('row 21: colors', () => {
  const { files } = golden;

  test('the golden table lists exactly these files', () => {
    const names = new Set(files.map(({ name }) => name));
    const listed = [REFUSED, WITHIN, TRUE_WITHIN].flatMap((one) => Object.keys(one));
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
    expect(names.size).toBe(130);
  });

  test.each(files.map((file) => [file.name, file] as const))('%s', async (name, file) => {
    const words = REFUSED[name];
    if (words) {
      expect(await complaint(file, 'decode')).toMatch(words);
      expect(await complaint(file, 'probe')).toMatch(words);
      return;
    }
    const got = await decode(file);
    const truly = TRUE_WITHIN[name];
    if (truly !== undefined) expectNear(got, file.truth as Kept, truly);
    else expectNear(got, file.pillow as Kept, WITHIN[name] ?? 0);
    expect(await new Decoder().probe(refOf(file))).toMatchObject({ width: got.width, height: got.height });
  });

  test('with dct: accurate and profiles: ignore, every JPEG and every CMYK is equal to Pillow', async () => {
    const options = { dct: 'accurate', profiles: 'ignore' } as const;
    const alike = files.filter(({ name }) => /^jpeg\/|cmyk/.test(name) && !/12-bit|\/xmp/.test(name));
    expect(alike.length).toBeGreaterThan(20);
    for (const file of alike) expectNear(await decode(file, options), file.pillow as Kept, 0);
  });

  test('the accurate DCT converts profiles within tolerance', async () => {
    for (const name of ['jpeg/icc-p3', 'jpeg/icc-linear']) {
      const file = files.find((one) => one.name === name) as File;
      expectNear(await decode(file, { dct: 'accurate' }), file.truth as Kept, 2);
    }
  });

  test('the accurate DCT is the default; dct: auto takes it from quality 97 on, fast never', async () => {
    const of = (quality: number) => files.find(({ name }) => name === `jpeg/444-q${quality}`) as File;
    const psnr = (got: Pixels, file: File) => {
      const want = bytesOf(file.pillow as Kept);
      const squares = got.data.reduce((sum, v, i) => sum + (v - (want[i] as number)) ** 2, 0);
      return 10 * Math.log10((255 ** 2 * want.length) / squares);
    };
    for (const quality of [75, 90, 95, 96, 97, 100]) {
      expectNear(await decode(of(quality)), of(quality).pillow as Kept, 0);
      if (quality >= 97)
        expectNear(await decode(of(quality), { dct: 'auto' }), of(quality).pillow as Kept, 0);
      else expect(psnr(await decode(of(quality), { dct: 'auto' }), of(quality))).toBeLessThan(50);
      expect(psnr(await decode(of(quality), { dct: 'fast' }), of(quality))).toBeLessThan(50);
    }
    expect(new Decoder({ dct: 'fast' }).decode(refOf(of(96)))).not.toBeInstanceOf(Promise); // at once
  });
});
