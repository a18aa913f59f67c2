/** BMP and PNM against what Pillow reads, and what of them is refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BadSampleError } from '../../src/core/index.js';
import { toRgb } from '../../src/io/decode/pixels.js';
import { Decoder, type DecoderOptions, type Pixels } from '../../src/io/index.js';

interface Case {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly rgb?: string;
  readonly rgba?: string;
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/io/bitmaps.json', import.meta.url), 'utf8'),
) as Record<string, Case>;
const bytesOf = (base64: string) => Buffer.from(base64, 'base64');

function decode(bytes: Uint8Array, options?: DecoderOptions): Pixels {
  using decoder = new Decoder(options);
  return decoder.decode({ kind: 'bytes', bytes }, undefined, 'sample') as Pixels;
}

function refusal(bytes: Uint8Array, options?: DecoderOptions): string {
  using decoder = new Decoder(options);
  let room = 0;
  const target = (size: number) => {
    room = size;
    return new Uint8Array(size);
  };
  try {
    decoder.decode({ kind: 'bytes', bytes }, target, 'sample');
  } catch (error) {
    expect(error).toBeInstanceOf(BadSampleError);
    const { message } = error as Error;
    expect(message).toMatch(/^sample: [^\n]+; [^\n]+$/);
    return `${message}${room > 0 ? ' (memory was taken)' : ''}`;
  }
  throw new Error('was accepted');
}

describe('row 8: BMP and PNM are read', () => {
  test.each(Object.keys(golden))('row 8: %s, as Pillow reads it', (name) => {
    const { file, width, height, rgb, rgba } = golden[name] as Case;
    const bytes = bytesOf(file);
    const pixels = decode(bytes);
    expect([pixels.width, pixels.height]).toEqual([width, height]);
    let expected: Uint8Array = bytesOf(rgb ?? '');
    if (rgba !== undefined) {
      expected = new Uint8Array(3 * width * height);
      toRgb(bytesOf(rgba), 4, width * height, [0, 0, 0], expected);
    }
    expect([...pixels.data]).toEqual([...expected]);
    const format = bytes.toString('latin1', 0, 2) === 'BM' ? 'bmp' : 'pnm';
    expect(new Decoder().probe({ kind: 'bytes', bytes })).toEqual({ width, height, format });
  });

  test('row 8: the golden file covers every kind', () => {
    expect(Object.keys(golden).length).toBeGreaterThan(80);
  });

  const [withAlpha] = Object.keys(golden).filter((name) => name.startsWith('alpha'));

  test('row 8: alpha shows the background, and is none where it is 0 throughout', () => {
    const { file, rgba = '', width, height } = golden[withAlpha as string] as Case;
    const bytes = bytesOf(file);
    const expected = new Uint8Array(3 * width * height);
    toRgb(bytesOf(rgba), 4, width * height, [9, 200, 77], expected);
    expect([...decode(bytes, { background: [9, 200, 77] }).data]).toEqual([...expected]);
    const start = bytes.readUInt32LE(10);
    const clear = Buffer.from(bytes);
    for (let at = start + 3; at < clear.length; at += 4) clear[at] = 0;
    const colors = bytesOf(rgba).filter((_, i) => i % 4 < 3);
    expect([...decode(clear, { background: [9, 200, 77] }).data]).toEqual([...colors]);
  });

  // Pillow reads jumps and rows without pixels another way than the format says.
  test('row 8: RLE8 jumps over pixels and rows, which are of color 0', () => {
    const palette = Buffer.alloc(1024);
    palette.set([10, 20, 30, 0, 1, 2, 3, 0]);
    const runs = Buffer.from([0, 2, 1, 1, 2, 1, 0, 0, 0, 1]); // A jump by (1, 1), two pixels, the end of row and image.
    const { data } = decode(bmp(4, 2, 8, runs, { packing: 1, palette }));
    const [zero, one] = [
      [30, 20, 10],
      [3, 2, 1],
    ];
    expect([...data]).toEqual([zero, one, one, zero, zero, zero, zero, zero].flat());
  });
});

describe('row 8: what cannot be read is refused in a sentence', () => {
  const colors = (n: number) => Buffer.alloc(4 * n, 7);
  test.each<[string, Uint8Array, string]>([
    ['a BMP cut short', bmp(4, 4, 24, Buffer.alloc(47)), 'cut short'],
    ['a BMP cut in its header', bmp(4, 4, 24, Buffer.alloc(48)).subarray(0, 30), 'cut short'],
    ['a palette cut short', bmp(4, 4, 8, Buffer.alloc(0)), 'cut short'],
    ['a size of 0', bmp(0, 4, 24, Buffer.alloc(48)), '0×4 pixels'],
    ['a negative width', bmp(-4, 4, 24, Buffer.alloc(48)), '-4×4 pixels'],
    [
      'a color beyond the palette',
      bmp(1, 1, 8, Buffer.from([3, 0, 0, 0]), { palette: colors(2), colors: 2 }),
      'color 3 in a palette of 2',
    ],
    ['JPEG inside', bmp(4, 4, 0, Buffer.alloc(48), { packing: 4 }), '0 bits a pixel in compression 4'],
    ['PNG inside', bmp(4, 4, 0, Buffer.alloc(48), { packing: 5 }), 'compression 5'],
    [
      'RLE8 of 4 bits',
      bmp(4, 4, 4, Buffer.alloc(48), { packing: 1, palette: colors(16) }),
      '4 bits a pixel in compression 1',
    ],
    ['2 bits', bmp(4, 4, 2, Buffer.alloc(48)), '2 bits'],
    [
      'runs from the top down',
      bmp(4, -4, 8, Buffer.alloc(48), { packing: 1, palette: colors(256) }),
      'top down',
    ],
    [
      'runs that end early',
      bmp(2, 2, 8, Buffer.from([2, 1, 0, 0, 0, 1]).subarray(0, 4), { packing: 1, palette: colors(256) }),
      'cut short',
    ],
    [
      'an end before the last row',
      bmp(2, 2, 8, Buffer.from([2, 1, 0, 1]), { packing: 1, palette: colors(256) }),
      'before its last row',
    ],
    [
      'masks with holes',
      bmp(1, 1, 32, Buffer.alloc(4), { packing: 3, palette: masks(0xff00ff, 0xff00, 0xff) }),
      'bits that are apart',
    ],
    ['a header of no known kind', patched(bmp(4, 4, 24, Buffer.alloc(48)), 14, 41), 'header of 41 bytes'],
    ['pixels inside the header', patched(bmp(4, 4, 24, Buffer.alloc(48)), 10, 20), 'inside its headers'],
    ['a PNM without a number', Buffer.from('P6\nx 3 255\n'), 'no number for its width'],
    ['a PNM without pixels', Buffer.from('P5 2 2 255\n123'), 'cut short'],
    ['a PNM of text cut short', Buffer.from('P2 2 2 255\n1 2 3'), 'cut short'],
    ['a PNM with a value beyond its largest', Buffer.from('P2 1 1 100\n101 '), 'not in 0..100'],
    ['a PNM with a word for a value', Buffer.from('P3 1 1 255\n1 2 x'), 'not in 0..255'],
    ['bits that are none', Buffer.from('P1 2 1\n1 2'), 'not in 0..1'],
    ['a largest value of 0', Buffer.from('P5 1 1 0\n1'), 'up to 0'],
    ['a largest value of 65536', Buffer.from('P5 1 1 65536\n11'), 'up to 65536'],
    ['a comment right behind a number', Buffer.from('P5 1 1 255#c\n1'), 'no whitespace'],
    ['a PAM', Buffer.from('P7\nWIDTH 1\n'), 'found a PAM'],
    ['a PFM', Buffer.from('Pf\n1 1\n-1.0\n'), 'found a PFM'],
  ])('row 8: %s', (_, bytes, part) => {
    expect(refusal(bytes)).toContain(part);
  });

  test.each<[string, Uint8Array]>([
    ['BMP', bmp(60_000, 60_000, 8, Buffer.alloc(4), { packing: 1, palette: colors(256) })],
    ['PNM', Buffer.from('P4 60000 60000\n')],
  ])('row 8: too many pixels of a %s, before memory is taken', (_, bytes) => {
    const said = refusal(bytes);
    expect(said).toContain('60000×60000 pixels are more than maxPixels allows');
    expect(said).not.toContain('memory was taken');
    using decoder = new Decoder();
    expect(() => decoder.probe({ kind: 'bytes', bytes }, 'sample')).toThrow('more than maxPixels allows');
  });

  test('row 8: cut or changed anywhere, a file is read or refused in a sentence', () => {
    let state = 7;
    const next = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (const { file } of Object.values(golden)) {
      for (let round = 0; round < 40; round++) {
        const bytes = bytesOf(file);
        for (let k = 0; k < 3; k++) bytes[2 + next(Math.min(60, bytes.length - 2))] = next(256);
        const cut = round % 4 === 0 ? bytes.subarray(0, next(bytes.length)) : bytes;
        using decoder = new Decoder({ maxPixels: 10_000 });
        try {
          const { data, width, height } = decoder.decode({ kind: 'bytes', bytes: cut }) as Pixels;
          expect(data).toHaveLength(3 * width * height);
        } catch (error) {
          expect(error).toBeInstanceOf(BadSampleError);
        }
      }
    }
  });
});

/** A bitmap with a header of 40 bytes. */
function bmp(
  width: number,
  height: number,
  bits: number,
  pixels: Uint8Array,
  {
    packing = 0,
    palette = Buffer.alloc(0),
    colors = 0,
  }: { packing?: number; palette?: Uint8Array; colors?: number } = {},
): Buffer {
  const head = Buffer.alloc(54);
  head.write('BM', 'latin1');
  head.writeUInt32LE(54 + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(width, 18);
  head.writeInt32LE(height, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(packing, 30);
  head.writeUInt32LE(colors, 46);
  return Buffer.concat([head, palette, pixels]);
}

function masks(...values: number[]): Buffer {
  const bytes = Buffer.alloc(12);
  for (const [i, mask] of values.entries()) bytes.writeUInt32LE(mask, 4 * i);
  return bytes;
}

function patched(bytes: Buffer, at: number, value: number): Buffer {
  bytes.writeUInt32LE(value, at);
  return bytes;
}
