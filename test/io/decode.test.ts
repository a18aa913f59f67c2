import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { BadSampleError, UsageError } from '../../src/core/index.js';
import { Decoder, type DecoderOptions, type Pixels } from '../../src/io/index.js';
import { crc32 } from '../faults/png.js';
import { difference, image, picture, scratchFolder } from './make.js';

const folder = scratchFolder();
const bytes = (data: Uint8Array) => ({ kind: 'bytes', bytes: data }) as const;

async function decode(data: Uint8Array, options?: DecoderOptions): Promise<Pixels> {
  using decoder = new Decoder(options);
  return decoder.decode(bytes(data));
}

/** The same file as libvips sees it. */
function reference(data: Uint8Array): Promise<Buffer> {
  return sharp(data).autoOrient().flatten().toColorspace('srgb').raw().toBuffer();
}

describe('plain JPEG', () => {
  test('is decoded at once, without a promise', async () => {
    const decoder = new Decoder({ dct: 'fast' }); // by the library or by the binding
    const jpeg = await image().jpeg({ quality: 95 }).toBuffer();
    const pixels = decoder.decode(bytes(jpeg));
    if (pixels instanceof Promise) throw new Error('expected pixels, not a promise');
    expect([pixels.width, pixels.height, pixels.channels, pixels.data.length]).toEqual([
      48,
      40,
      3,
      48 * 40 * 3,
    ]);
    expect(difference(pixels.data, picture(48, 40)).mean).toBeLessThan(3);
  });

  test.each([
    ['4:2:0', { chromaSubsampling: '4:2:0' }],
    ['4:4:4', { chromaSubsampling: '4:4:4' }],
    ['progressive', { progressive: true }],
    ['restart markers and trellis', { mozjpeg: true }],
  ])('%s agrees with libvips', async (_, options) => {
    const jpeg = await image()
      .jpeg({ quality: 90, ...options })
      .toBuffer();
    const { largest, mean } = difference((await decode(jpeg)).data, await reference(jpeg));
    expect([largest, mean]).toEqual([0, 0]);
  });

  test('gray becomes RGB', async () => {
    const jpeg = await image().grayscale().jpeg({ quality: 95 }).toBuffer();
    expect(difference((await decode(jpeg)).data, await reference(jpeg)).largest).toBe(0);
  });

  test('from a file and from a range of one, the same pixels', async () => {
    const jpeg = await image().jpeg().toBuffer();
    writeFileSync(join(folder, 'a.jpg'), jpeg);
    writeFileSync(join(folder, 'a.bin'), Buffer.concat([Buffer.alloc(1000, 1), jpeg, Buffer.alloc(1000, 2)]));
    const decoder = new Decoder();
    const whole = Buffer.from((await decoder.decode({ kind: 'file', path: join(folder, 'a.jpg') })).data);
    const range = { kind: 'range', path: join(folder, 'a.bin'), offset: 1000, length: jpeg.length } as const;
    expect(whole.equals((await decoder.decode(range)).data)).toBe(true);
    expect(whole.equals((await decoder.decode(bytes(jpeg))).data)).toBe(true);
    decoder.dispose();
    expect(whole.equals((await decoder.decode(range)).data)).toBe(true);
  });

  test('many files beyond the limit of open ones', async () => {
    using decoder = new Decoder({ maxOpenFiles: 2 });
    const jpeg = await image(16, 16).jpeg().toBuffer();
    const refs = [0, 1, 2, 3, 4].map((i) => {
      const path = join(folder, `open-${i}.bin`);
      writeFileSync(path, Buffer.concat([Buffer.alloc(i), jpeg]));
      return { kind: 'range', path, offset: i, length: jpeg.length } as const;
    });
    const sums: number[] = [];
    for (const ref of [...refs, ...refs, refs[4]!, refs[4]!]) {
      const { data } = await decoder.decode(ref);
      sums.push(data.reduce((a, b) => a + b, 0));
    }
    expect(new Set(sums).size).toBe(1);
  });

  test('decodes an image larger than the buffers', async () => {
    const path = join(folder, 'noise.jpg');
    const noise = {
      width: 1500,
      height: 1500,
      channels: 3,
      background: 'gray',
      noise: { type: 'gaussian', sigma: 60 },
    } as const;
    await sharp({ create: noise }).jpeg({ quality: 100 }).toFile(path);
    const pixels = (await new Decoder().decode({ kind: 'file', path })) as Pixels;
    expect(difference(pixels.data, await reference(await sharp(path).toBuffer())).mean).toBeLessThan(30);
    expect(pixels.data.length).toBe(1500 * 1500 * 3);
  });

  test('writes into the memory it is given, shared memory too', async () => {
    const shared = new SharedArrayBuffer(20_000);
    for (const data of [
      await image().jpeg().toBuffer(),
      await image().png().toBuffer(),
      await image().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    ]) {
      const pixels = await new Decoder().decode(bytes(data), (n) => new Uint8Array(shared, 100, n));
      expect(pixels.data.buffer).toBe(shared);
      expect(pixels.data.byteOffset).toBe(100);
      const { width, height } = pixels;
      expect(difference(pixels.data, await reference(data)).largest).toBe(0);
      expect(width * height).toBe(48 * 40);
    }
  });
});

describe('orientation', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF %i as libvips turns it', async (orientation) => {
    const stored = await image(50, 34)
      .jpeg({ quality: 98, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toBuffer();
    const pixels = await decode(stored);
    const { data, info } = await sharp(stored).autoOrient().raw().toBuffer({ resolveWithObject: true });
    expect([pixels.width, pixels.height]).toEqual([info.width, info.height]);
    expect(difference(pixels.data, data).largest).toBe(0);
    expect(await new Decoder().probe(bytes(stored))).toEqual({
      width: info.width,
      height: info.height,
      format: 'jpeg',
    });
  });

  test('is a pure move of pixels', async () => {
    const jpeg = await image(50, 34).jpeg().toBuffer();
    const plain = Buffer.from((await decode(jpeg)).data);
    for (const orientation of [2, 3, 4, 5, 6, 7, 8]) {
      // Only the tag differs: the coded data are the same bytes.
      const turned = await decode(withOrientation(jpeg, orientation));
      const back = await sharp(plain, { raw: { width: 50, height: 34, channels: 3 } })
        .withMetadata({ orientation })
        .png()
        .toBuffer()
        .then(reference);
      expect(Buffer.from(turned.data).equals(back)).toBe(true);
    }
  });

  test.each(['png', 'webp', 'tiff', 'avif'] as const)('in %s', async (format) => {
    const stored = await image(50, 34)
      .toFormat(format, { lossless: true })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const info = await new Decoder().probe(bytes(stored));
    const pixels = await decode(stored);
    expect([pixels.width, pixels.height]).toEqual([34, 50]);
    expect(info).toEqual({ width: 34, height: 50, format });
  });
});

describe('other formats', () => {
  test.each(['png', 'webp', 'tiff'] as const)('lossless %s comes back as it was', async (format) => {
    const data = await image()
      .toFormat(format, { lossless: true, compression: 'lzw' } as object)
      .toBuffer();
    expect(Buffer.from((await decode(data)).data).equals(picture(48, 40))).toBe(true);
  });

  test.each([
    ['AVIF', () => image().avif({ quality: 90 }), 3],
    ['lossy WebP', () => image().webp({ quality: 95 }), 6],
    ['GIF', () => image().gif(), 12],
  ])('%s is near what it was', async (_, make, mean) => {
    const pixels = await decode(await make().toBuffer());
    expect([pixels.width, pixels.height]).toEqual([48, 40]);
    expect(difference(pixels.data, picture(48, 40)).mean).toBeLessThan(mean);
  });

  test('of an animation, the first frame', async () => {
    const red = Buffer.alloc(3 * 16 * 8, Buffer.from([255, 0, 0, 255, 0, 0]));
    const blue = Buffer.alloc(3 * 16 * 8, Buffer.from([0, 0, 255]));
    for (const format of ['gif', 'webp'] as const) {
      const data = await sharp(Buffer.concat([red, blue]), {
        raw: { width: 16, height: 16, channels: 3, pageHeight: 8 },
      })
        .toFormat(format, { lossless: true } as object)
        .toBuffer();
      const pixels = await decode(data);
      expect([pixels.width, pixels.height]).toEqual([16, 8]);
      expect(difference(pixels.data, red).largest).toBe(0);
      expect(await new Decoder().probe(bytes(data))).toEqual({ width: 16, height: 8, format });
    }
  });

  test('16 bits become 8 by their upper byte', async () => {
    const wide = await image().toColorspace('rgb16').png().toBuffer();
    expect((await sharp(wide).metadata()).depth).toBe('ushort');
    expect(difference((await decode(wide)).data, picture(48, 40)).largest).toBeLessThanOrEqual(1);
  });

  test('gray PNG in 8 and 16 bits becomes RGB', async () => {
    for (const space of ['b-w', 'grey16']) {
      const gray = await image().toColorspace(space).png().toBuffer();
      const { data } = await decode(gray);
      expect(data.length).toBe(48 * 40 * 3);
      expect(data[300]).toBe(data[301]);
      expect(data[300]).toBe(data[302]);
      expect(difference(data, await reference(gray)).largest).toBeLessThanOrEqual(1);
    }
  });

  test('a palette PNG of two colors', async () => {
    const png = await image().threshold(128).png({ palette: true, colors: 2 }).toBuffer();
    expect(new Set((await decode(png)).data)).toEqual(new Set([0, 255]));
  });

  test('alpha is blended over the background, black unless another is given', async () => {
    const half = {
      width: 4,
      height: 4,
      channels: 4,
      background: { r: 200, g: 100, b: 50, alpha: 0.5 },
    } as const;
    const png = await sharp({ create: half }).png().toBuffer();
    const first = (p: Pixels) => [...p.data.subarray(0, 3)];
    expect(first(await decode(png))).toEqual([100, 50, 25].map((v) => expect.closeTo(v, -0.5)));
    const white = first(await decode(png, { background: [255, 255, 255] }));
    for (const [i, v] of [228, 178, 152].entries())
      expect(Math.abs((white[i] as number) - v)).toBeLessThanOrEqual(1);
  });

  test('CMYK JPEG', async () => {
    const cmyk = await image().toColorspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const pixels = await decode(cmyk);
    expect([pixels.width, pixels.height]).toEqual([48, 40]);
    expect(difference(pixels.data, await reference(cmyk)).largest).toBeLessThanOrEqual(1);
  });

  test('a JPEG in another color space is converted, or kept with profiles: ignore', async () => {
    const p3 = await image()
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .withIccProfile('p3')
      .toBuffer();
    const adobe = withProfile(await image().jpeg({ quality: 95 }).toBuffer(), gammaProfile(2.2));
    for (const data of [p3, adobe]) {
      const converted = await decode(data);
      // The same pixels before conversion, as a PNG with the same profile, through libvips.
      const stored = await decode(data, { profiles: 'ignore' });
      const profile = (await sharp(data).metadata()).icc as Buffer;
      const raw = { width: 48, height: 40, channels: 3 } as const;
      const png = await sharp(Buffer.from(stored.data), { raw }).png().toBuffer();
      const expected = await reference(pngWithProfile(png, profile));
      expect(difference(converted.data, expected).largest).toBeLessThanOrEqual(2);
      expect(difference(converted.data, stored.data).mean).toBeGreaterThan(3);
    }
  });

  test('a profile that is damaged is left to libvips, which ignores it', async () => {
    const jpeg = await image().jpeg().toBuffer();
    const data = withProfile(jpeg, Buffer.alloc(200, 1));
    expect(difference((await decode(data)).data, await reference(jpeg)).largest).toBe(0);
  });

  test('the name does not matter, the content does', async () => {
    const path = join(folder, 'really-a-png.jpg');
    writeFileSync(path, await image().png().toBuffer());
    const pixels = await new Decoder().decode({ kind: 'file', path });
    expect(Buffer.from(pixels.data).equals(picture(48, 40))).toBe(true);
  });
});

describe('pixels', () => {
  test('RGB passes through, other channels become RGB', async () => {
    const decoder = new Decoder({ background: [0, 0, 100] });
    const rgb = new Uint8Array([1, 2, 3, 4, 5, 6]);
    const given = { kind: 'pixels', data: rgb, width: 2, height: 1, channels: 3 } as const;
    expect((decoder.decode(given) as Pixels).data).toBe(rgb);
    const copy = (decoder.decode(given, (n) => new Uint8Array(n)) as Pixels).data;
    expect([...copy]).toEqual([...rgb]);
    const gray = decoder.decode({ ...given, data: rgb.subarray(0, 2), channels: 1 }) as Pixels;
    expect([...gray.data]).toEqual([1, 1, 1, 2, 2, 2]);
    const rgba = new Uint8Array([10, 20, 30, 255, 10, 20, 30, 0]);
    expect([...(decoder.decode({ ...given, data: rgba, channels: 4 }) as Pixels).data]).toEqual([
      10, 20, 30, 0, 0, 100,
    ]);
  });

  test('of the wrong size are refused', () => {
    const wrong = { kind: 'pixels', data: new Uint8Array(5), width: 2, height: 1, channels: 3 } as const;
    expect(() => new Decoder().decode(wrong, undefined, 'x')).toThrow(BadSampleError);
  });
});

test('sizes and formats from headers', async () => {
  const decoder = new Decoder();
  for (const format of ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const) {
    const data = await image(37, 23).toFormat(format).toBuffer();
    expect(await decoder.probe(bytes(data))).toEqual({ width: 37, height: 23, format });
  }
  const lossless = await image(37, 23).webp({ lossless: true }).toBuffer();
  expect(decoder.probe(bytes(lossless))).toEqual({ width: 37, height: 23, format: 'webp' });
});

test('unknown options are refused', () => {
  expect(() => new Decoder({ maxPixel: 3 } as DecoderOptions)).toThrow(UsageError);
});

/** The JPEG with an EXIF block that holds this orientation and nothing else. */
function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const exif = Buffer.from('ffe1002245786966000049492a0008000000010012010300010000000000000000000000', 'hex');
  exif[28] = orientation;
  return Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
}

/** The JPEG with this profile, in one piece. */
function withProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const head = Buffer.from(
    'ffe20000ICC_PROFILE'.replace('ICC_PROFILE', '4943435f50524f46494c45000101'),
    'hex',
  );
  head.writeUInt16BE(2 + 14 + profile.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, profile, jpeg.subarray(2)]);
}

/** The PNG with this profile in a chunk after its header. */
function pngWithProfile(png: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPp\0\0', 'latin1'), deflateSync(profile)]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length - 4, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([
    png.subarray(0, 33),
    frame.subarray(0, 4),
    body,
    frame.subarray(4),
    png.subarray(33),
  ]);
}

/** A matrix profile with the primaries of Adobe RGB (1998) and a pure power as its curve. */
function gammaProfile(gamma: number): Buffer {
  const xyz = (...values: number[]) => {
    const tag = Buffer.alloc(20);
    tag.write('XYZ ', 0, 'latin1');
    for (const [i, v] of values.entries()) tag.writeInt32BE(Math.round(v * 65536), 8 + 4 * i);
    return tag;
  };
  const curve = Buffer.alloc(16);
  curve.write('curv', 0, 'latin1');
  curve.writeUInt32BE(1, 8);
  curve.writeUInt16BE(Math.round(gamma * 256), 12);
  const tags: [string, Buffer][] = [
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    ['rXYZ', xyz(0.60974, 0.31111, 0.01947)],
    ['gXYZ', xyz(0.20528, 0.62567, 0.06087)],
    ['bXYZ', xyz(0.14919, 0.06322, 0.74457)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ];
  const head = Buffer.alloc(132 + 12 * tags.length);
  head.writeUInt32BE(0x02400000, 8);
  head.write('mntrRGB XYZ ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  xyz(0.9642, 1, 0.8249).copy(head, 68, 8);
  head.writeUInt32BE(tags.length, 128);
  let end = head.length;
  tags.forEach(([name, data], i) => {
    head.write(name, 132 + 12 * i, 'latin1');
    head.writeUInt32BE(end, 136 + 12 * i);
    head.writeUInt32BE(data.length, 140 + 12 * i);
    end += data.length;
  });
  head.writeUInt32BE(end, 0);
  return Buffer.concat([head, ...tags.map(([, data]) => data)]);
}
