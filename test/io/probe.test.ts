/** `probe` says what `decode` gives: the same size, the same limits, the same refusals, for files however odd. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { BadSampleError } from '../../src/core/index.js';
import { Decoder, type DecoderOptions } from '../../src/io/index.js';
import { crc32 } from '../faults/png.js';
import { gif } from './gif.js';
import { image } from './make.js';

type Said = { readonly size: readonly [number, number] } | { readonly refused: string };

async function said(
  bytes: Uint8Array,
  how: 'probe' | 'decode',
  options: DecoderOptions = { maxPixels: 1e6 },
): Promise<Said> {
  using decoder = new Decoder(options);
  const ref = { kind: 'bytes', bytes } as const;
  try {
    const { width, height } = await (how === 'probe'
      ? decoder.probe(ref, 'x')
      : decoder.decode(ref, undefined, 'x'));
    return { size: [width, height] };
  } catch (error) {
    expect(error).toBeInstanceOf(BadSampleError);
    return { refused: (error as Error).message };
  }
}

/** Same size; same limits, to the pixel. */
async function expectAgreement(bytes: Uint8Array, name: string): Promise<void> {
  const decoded = await said(bytes, 'decode');
  if ('refused' in decoded) return; // a header may be well where the data are not
  expect(await said(bytes, 'probe'), name).toEqual(decoded);
  const pixels = decoded.size[0] * decoded.size[1];
  for (const how of ['probe', 'decode'] as const) {
    const beyond = await said(bytes, how, { maxPixels: Math.max(1, pixels - 1) });
    if (pixels > 1)
      expect(beyond, `${name}, ${how}`).toEqual({ refused: expect.stringContaining('maxPixels allows') });
  }
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/io-colors/colors.json', import.meta.url), 'utf8'),
) as { files: { name: string; file: string }[] };
const files = golden.files.map(({ name, file }) => [name, Buffer.from(file, 'base64')] as const);

const GIFS: readonly [string, Parameters<typeof gif>[0]][] = [
  ['frame of the screen', { screen: [6, 5], frame: [0, 0, 6, 5] }],
  ['frame within the screen', { screen: [16, 12], frame: [4, 3, 8, 6] }],
  ['frame larger than the screen', { screen: [8, 6], frame: [0, 0, 16, 12] }],
  ['frame beyond the screen', { screen: [16, 12], frame: [8, 6, 16, 12] }],
  ['frame beside the screen', { screen: [4, 4], frame: [10, 10, 3, 3] }],
  ['no screen', { screen: [0, 0], frame: [0, 0, 3, 2] }],
  ['a screen of a monitor', { screen: [640, 480], frame: [0, 0, 3, 2] }],
  ['a screen of a large monitor', { screen: [1024, 768], frame: [5, 6, 3, 2] }],
  ['a large screen', { screen: [900, 1000], frame: [0, 0, 3, 2] }],
  ['a screen that is not believed', { screen: [3000, 300], frame: [0, 0, 3, 2] }],
  ['transparent', { screen: [9, 9], frame: [1, 1, 3, 2], transparent: 0 }],
];

describe('row 17: probe and decode agree', () => {
  test.each(files)('on %s', (name, bytes) => expectAgreement(bytes, name));

  test.each(GIFS)('on a GIF with %s', async (name, made) => {
    const bytes = gif(made);
    expect(await said(bytes, 'decode')).toHaveProperty('size');
    await expectAgreement(bytes, name);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('on orientation %i in every format', async (orientation) => {
    for (const format of ['jpeg', 'png', 'webp', 'tiff', 'avif'] as const) {
      const bytes = await image(21, 13).toFormat(format).withMetadata({ orientation }).toBuffer();
      await expectAgreement(bytes, format);
      const turned = orientation > 4 ? [13, 21] : [21, 13];
      expect(await said(bytes, 'probe')).toEqual({ size: turned });
    }
    const cmyk = await image(21, 13).toColorspace('cmyk').jpeg().withMetadata({ orientation }).toBuffer();
    await expectAgreement(cmyk, 'cmyk');
  });

  test('on EXIF that is written oddly: as LONG, twice, with nonsense, behind the pixels', async () => {
    const jpeg = await image(21, 13).jpeg().toBuffer();
    const odd = [
      exifSegment([0x0112, 4, 1, 6]),
      exifSegment([0x0112, 3, 1, 9]),
      exifSegment([0x0112, 3, 1, 0]),
      exifSegment([0x0112, 3, 1, 8], [0x0112, 3, 1, 3]),
      Buffer.concat([exifSegment([0x0112, 3, 1, 6]), exifSegment([0x0112, 3, 1, 1])]),
      exifSegment([0x0110, 2, 90, 7], [0x0112, 3, 1, 5]),
    ];
    for (const big of [false, true]) {
      for (const [i, exif] of odd.entries()) {
        const block = big ? bigEndian(exif) : exif;
        const plain = Buffer.concat([jpeg.subarray(0, 2), block, jpeg.subarray(2)]);
        await expectAgreement(plain, `jpeg ${i}`);
        const cmyk = await image(21, 13).toColorspace('cmyk').jpeg().toBuffer();
        await expectAgreement(Buffer.concat([cmyk.subarray(0, 2), block, cmyk.subarray(2)]), `cmyk ${i}`);
      }
    }
    const png = await image(21, 13).png().toBuffer();
    const tiff = exifSegment([0x0112, 3, 1, 6]).subarray(10);
    for (const at of [33, png.length - 12]) {
      await expectAgreement(
        Buffer.concat([png.subarray(0, at), chunk('eXIf', tiff), png.subarray(at)]),
        'png',
      );
    }
  });

  test('on 1,000 files whose headers were changed at random', async () => {
    let read = 0;
    const mutated = fc.record({
      file: fc.nat(files.length + GIFS.length - 1),
      changes: fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(mutated, async ({ file, changes }) => {
        const [name, whole] = files[file] ?? ['gif', gif((GIFS[file - files.length] as (typeof GIFS)[0])[1])];
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        if ('size' in (await said(bytes, 'decode'))) read++;
        await expectAgreement(bytes, name);
      }),
      { numRuns: 1000, seed: 17 },
    );
    expect(read).toBeGreaterThan(250);
  });

  test('what takes too long to probe is given up, by name', async () => {
    const avif = await image(30, 30).avif().toBuffer();
    const turned = await image(30, 30).png().withMetadata({ orientation: 6 }).toBuffer();
    await said(avif, 'decode'); // libvips is loaded
    for (const bytes of [avif, turned]) {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        const probing = said(bytes, 'probe', { timeout: 7 });
        for (let i = 0; i < 20; i++) await undefined; // libvips answers later than any of these turns
        vi.advanceTimersByTime(6999);
        expect(vi.getTimerCount()).toBe(1);
        vi.advanceTimersByTime(1);
        const format = bytes === avif ? 'AVIF' : 'PNG';
        expect(await probing).toEqual({
          refused: `x: this ${format} takes more than 7 s to decode; raise timeout or remove the image`,
        });
      } finally {
        vi.useRealTimers();
      }
    }
  });

  test('a PNG of very many chunks is looked through soon', async () => {
    const png = await image(8, 8).png().toBuffer();
    const empty = chunk('abCd', Buffer.alloc(0));
    const many = Buffer.concat([
      png.subarray(0, 33),
      ...new Array<Buffer>(300_000).fill(empty),
      png.subarray(33),
    ]);
    expect(await said(many, 'probe')).toEqual({ size: [8, 8] });
  });
});

/** An APP1 segment with these entries, little endian: tag, type, count, value. */
function exifSegment(...entries: [number, number, number, number][]): Buffer {
  const body = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  body.write('II*\0\b', 0, 'latin1');
  body.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, type, count, value], i) => {
    body.writeUInt16LE(tag, 10 + 12 * i);
    body.writeUInt16LE(type, 12 + 12 * i);
    body.writeUInt32LE(count, 14 + 12 * i);
    body.writeUInt32LE(value, 18 + 12 * i);
  });
  const head = Buffer.from('ffe10000457869660000', 'hex');
  head.writeUInt16BE(body.length + 8, 2);
  return Buffer.concat([head, body]);
}

/** The same segments, big endian. */
function bigEndian(segments: Buffer): Buffer {
  const out = Buffer.from(segments);
  for (let at = 0; at < out.length; at += 2 + out.readUInt16BE(at + 2)) {
    const body = out.subarray(at + 10, at + 2 + out.readUInt16BE(at + 2));
    const count = body.readUInt16LE(8);
    body.write('MM\0*\0\0\0\b', 0, 'latin1');
    body.writeUInt16BE(count, 8);
    for (let i = 10; i < 10 + 12 * count; i += 12) {
      const [tag, type, values, value] = [
        body.readUInt16LE(i),
        body.readUInt16LE(i + 2),
        body.readUInt32LE(i + 4),
        body.readUInt32LE(i + 8),
      ];
      body.writeUInt16BE(tag, i);
      body.writeUInt16BE(type, i + 2);
      body.writeUInt32BE(values, i + 4);
      body.writeUInt32BE(type === 3 ? value << 16 : value, i + 8);
    }
  }
  return out;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
