/** Damaged JPEGs: what is refused, what the advice is, and that it helps. */
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { BadSampleError } from '../../src/core/index.js';
import { Decoder, type DecoderOptions, type Pixels } from '../../src/io/index.js';
import { difference, image, picture } from './make.js';

const SIDE = 96;
/** Where the coded data of the first scan begin. */
const scanOf = (jpeg: Buffer) => {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  return at + 2 + jpeg.readUInt16BE(at + 2);
};

/** Segments of a header: marker and place. */
function* segments(jpeg: Buffer): Generator<{ marker: number; from: number; to: number }> {
  for (let at = 2; jpeg[at + 1] !== 0xda; ) {
    const to = at + 2 + jpeg.readUInt16BE(at + 2);
    yield { marker: jpeg[at + 1] as number, from: at, to };
    at = to;
  }
}

function without(jpeg: Buffer, marker: number, which = 0): Buffer {
  const { from, to } = [...segments(jpeg)].filter((one) => one.marker === marker)[which] as {
    from: number;
    to: number;
  };
  return Buffer.concat([jpeg.subarray(0, from), jpeg.subarray(to)]);
}

const patched = (jpeg: Buffer, at: number, ...values: number[]) => {
  const copy = Buffer.from(jpeg);
  copy.set(values, at);
  return copy;
};
const inserted = (jpeg: Buffer, at: number, ...values: number[]) =>
  Buffer.concat([jpeg.subarray(0, at), Buffer.from(values), jpeg.subarray(at)]);
const segment = (jpeg: Buffer, marker: number, which = 0) =>
  [...segments(jpeg)].filter((one) => one.marker === marker)[which]?.from as number;
const EOI = Buffer.from([0xff, 0xd9]);

/** Every way to damage a JPEG that keeps its end, by name. */
function damages(name: string, jpeg: Buffer): [string, Buffer][] {
  const scan = scanOf(jpeg);
  const length = jpeg.length - 2 - scan;
  const at = (share: number) => scan + Math.floor(share * length);
  const noise = (share: number, n: number, value: number) => {
    const copy = Buffer.from(jpeg);
    return copy.fill(value, at(share), Math.min(at(share) + n, copy.length - 2));
  };
  const flipped = (share: number) => patched(jpeg, at(share), (jpeg[at(share)] as number) ^ 0x10);
  const made: [string, Buffer][] = [
    ...[0.05, 0.2, 0.4, 0.6, 0.8, 0.95].map((share): [string, Buffer] => [`bit at ${share}`, flipped(share)]),
    ...[0.1, 0.5, 0.9].map((share): [string, Buffer] => [`zeros at ${share}`, noise(share, 30, 0)]),
    ...[0.1, 0.5, 0.9].map((share): [string, Buffer] => [`0x5a at ${share}`, noise(share, 30, 0x5a)]),
    ['cut in half with an end', Buffer.concat([jpeg.subarray(0, at(0.5)), EOI])],
    ['scan without data', Buffer.concat([jpeg.subarray(0, scan), EOI])],
    ['a hole', Buffer.concat([jpeg.subarray(0, at(0.3)), jpeg.subarray(at(0.5))])],
    ['a stray marker', inserted(jpeg, at(0.4), 0xff, 0xd3)],
    ['an unknown marker', inserted(jpeg, at(0.4), 0xff, 0x02)],
    ['bytes between segments', inserted(jpeg, segment(jpeg, 0xdb), 1, 2, 3)],
    ['no quantization table', without(jpeg, 0xdb)],
    ['no Huffman table', without(jpeg, 0xc4)],
    ['a Huffman table of nonsense', patched(jpeg, segment(jpeg, 0xc4) + 5, 200, 200)],
    ['a quantization table of number 9', patched(jpeg, segment(jpeg, 0xdb) + 4, 9)],
    ['a scan of a component that is none', patched(jpeg, scan - (jpeg[scan - 4] === 0 ? 4 : 9), 77)],
    ['twice as high as its data', patched(jpeg, sofOf(jpeg) + 5, 0, 2 * SIDE)],
  ];
  return made.map(([how, bytes]) => [`${name}, ${how}`, bytes]);
}

const sofOf = (jpeg: Buffer) => {
  const found = [...segments(jpeg)].find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  return found?.from as number;
};

async function outcome(bytes: Uint8Array, options: DecoderOptions): Promise<Pixels | string> {
  using decoder = new Decoder(options);
  try {
    const pixels = await decoder.decode({ kind: 'bytes', bytes }, undefined, 'train/x.jpg');
    return { ...pixels, data: pixels.data.slice() };
  } catch (error) {
    expect(error).toBeInstanceOf(BadSampleError);
    return (error as Error).message;
  }
}

/** A sentence of ours: no library's names, and its words only quoted and attributed. */
function expectPlain(said: string): void {
  expect(said).toMatch(/^train\/x\.jpg: [^\n]+; [^\n]+$/);
  expect(said.replace(/\(libvips reports "[^"]*"\)/, '')).not.toMatch(/vips|libjpeg|DQT|SOF|SOS/i);
  expect(said).not.toMatch(/VipsJpeg|failOn|Warning treated|undefined|Input buffer/);
}

let cases: [string, Buffer][];
beforeAll(async () => {
  const encode = (make: ReturnType<typeof image>) => make.toBuffer();
  const of = () => image(SIDE, SIDE);
  cases = [
    ...damages('baseline', await encode(of().jpeg({ quality: 85 }))),
    ...damages('progressive', await encode(of().jpeg({ quality: 85, progressive: true }))),
    ...damages('quality 100', await encode(of().jpeg({ quality: 100 }))),
    ...damages('gray', await encode(of().grayscale().jpeg({ quality: 85 }))),
    ...damages('P3', await encode(of().withIccProfile('p3').jpeg({ quality: 85 }))),
    ...damages('CMYK', await encode(of().toColorspace('cmyk').jpeg({ quality: 85 }))),
  ];
});

describe('row 18: damaged JPEG', () => {
  test('every image whose error advises damaged: keep is kept with it, and only those', async () => {
    const tally = { whole: 0, advised: 0, refused: 0 };
    for (const [name, bytes] of cases) {
      const strict = await outcome(bytes, {});
      const lax = await outcome(bytes, { damaged: 'keep' });
      if (typeof strict !== 'string') {
        tally.whole++;
        expect(lax, name).toEqual(strict);
        continue;
      }
      expectPlain(strict);
      if (strict.includes("damaged: 'keep'")) {
        tally.advised++;
        expect(typeof lax, `${name}: ${lax}`).toBe('object');
        expect((lax as Pixels).width, name).toBe(SIDE);
      } else {
        tally.refused++;
        expect(lax, name).toBe(strict);
      }
    }
    expect(cases.length).toBeGreaterThan(130);
    expect(tally.advised).toBeGreaterThan(60);
    expect(tally.refused).toBeGreaterThan(20);
  });

  test('is refused by default where its data are damaged, whichever library decodes it', async () => {
    for (const how of ['cut in half with an end', 'scan without data', 'a stray marker']) {
      for (const kind of ['baseline', 'progressive', 'quality 100', 'gray', 'P3']) {
        const [, bytes] = cases.find(([name]) => name === `${kind}, ${how}`) as [string, Buffer];
        for (const dct of ['auto', 'fast', 'accurate'] as const) {
          expect(await outcome(bytes, { dct }), `${kind}, ${how}, ${dct}`).toMatch(/is damaged/);
        }
      }
    }
  });

  test('is refused or not whatever the DCT, though only libjpeg-turbo reports damage', async () => {
    let refused = 0;
    for (const [name, bytes] of cases.filter(([one]) => /^(quality 100|gray)/.test(one))) {
      const fast = await outcome(bytes, { dct: 'fast' });
      const accurate = await outcome(bytes, { dct: 'accurate' });
      if (typeof fast === 'string') refused++;
      expect(typeof fast === 'string' ? fast : 'read', name).toBe(
        typeof accurate === 'string' ? accurate : 'read',
      );
    }
    expect(refused).toBeGreaterThan(20);
  });

  test('is kept as far as it can be read', async () => {
    const jpeg = await image(SIDE, SIDE).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();
    const cut = Buffer.concat([jpeg.subarray(0, scanOf(jpeg) + (jpeg.length - scanOf(jpeg)) / 2), EOI]);
    const kept = (await outcome(cut, { damaged: 'keep' })) as Pixels;
    const rows = 3 * SIDE * 24;
    expect(difference(kept.data.subarray(0, rows), picture(SIDE, SIDE).subarray(0, rows)).mean).toBeLessThan(
      4,
    );
    expect(new Set(kept.data.subarray(-3 * SIDE))).toEqual(new Set([128])); // gray from there on
  });

  test('kept ones are turned upright, and converted from their profile', async () => {
    const jpeg = await image(SIDE, 48)
      .withMetadata({ orientation: 6 })
      .withIccProfile('p3')
      .jpeg({ quality: 90 })
      .toBuffer();
    const bytes = patched(jpeg, jpeg.length - 40, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a);
    expect(await outcome(bytes, {})).toMatch(/damaged: 'keep'/);
    const kept = (await outcome(bytes, { damaged: 'keep' })) as Pixels;
    const whole = (await outcome(jpeg, {})) as Pixels;
    expect([kept.width, kept.height]).toEqual([whole.width, whole.height]);
    expect(difference(kept.data, whole.data).mean).toBeLessThan(20);
  });

  test('cut short is not advised to be kept', async () => {
    for (const [name, bytes] of cases.filter(([name]) => /bit at 0\.95/.test(name))) {
      const cut = bytes.subarray(0, scanOf(bytes) + 40);
      for (const damaged of ['refuse', 'keep'] as const) {
        expect(await outcome(cut, { damaged }), name).toBe(
          'train/x.jpg: this JPEG is cut short; restore the image or remove it',
        );
      }
    }
  });
});

describe('row 18: messages of libraries', () => {
  test('reach no sentence unless they are quoted, short, and attributed', async () => {
    const formats = ['png', 'webp', 'avif', 'tiff', 'gif', 'jpeg'] as const;
    let refused = 0;
    for (const format of formats) {
      const whole = await image(64, 48).toFormat(format).toBuffer();
      for (let k = 0; k < 60; k++) {
        const bytes = Buffer.from(
          k % 3 === 0 ? whole.subarray(0, Math.ceil((whole.length * (k + 1)) / 61)) : whole,
        );
        if (k % 3 > 0) {
          const span = k % 3 === 1 ? Math.min(120, bytes.length) : bytes.length;
          for (let j = 0; j < 6; j++) bytes[(k * 37 + j * 101 * (k + 1)) % span] = (k * 59 + j * 83) & 255;
        }
        const said = await outcome(bytes, { maxPixels: 1e6 });
        if (typeof said !== 'string') continue;
        refused++;
        expect(said).toMatch(/^train\/x\.jpg: [^\n]+; [^\n]+$/);
        const bare = said.replace(/\(libvips reports "[^"\n]{0,80}"\)/, '');
        expect(bare).not.toMatch(
          /vips|libpng|libtiff|tiff2|VipsJpeg|failOn|Warning treated|Input (buffer|image)|undefined/,
        );
      }
    }
    expect(refused).toBeGreaterThan(150);
  });
});

test('row 18: CMYK data are not checked, which docs/decoding.md says', async () => {
  const [, bytes] = cases.find(([name]) => name === 'CMYK, zeros at 0.5') as [string, Buffer];
  expect(typeof (await outcome(bytes, {}))).toBe('object');
  expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk' });
});
