/** Masks are ids: read exactly, or refused with an error. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { MaskRef, Targets } from '../../src/core/index.js';
import { pngIds } from '../../src/io/decode/png-ids.js';
import { one, rectangleMask } from './make.js';
import { chunk, type PngKind, pngOf } from './png.js';

const bytes = (data: Uint8Array): MaskRef => ({ kind: 'bytes', bytes: data });
const SIDE = 64;
/** Ids 0, 1, … of a list, in stripes. */
const stripes = (ids: readonly number[]) =>
  Uint16Array.from(
    { length: SIDE * SIDE },
    (_, p) => ids[Math.floor(((p % SIDE) * ids.length) / SIDE)] as number,
  );
const idsIn = async (targets: Targets, name = 'mask') => [...new Set((await one(targets)).masks?.[name])];
const png = (kind: PngKind, ids: readonly number[], more: object = {}) =>
  bytes(pngOf(kind, SIDE, SIDE, stripes(ids), more));

describe('row 2: masks as ids', () => {
  it('row 2: a PNG with a palette gives its indices, whatever colors they stand for', async () => {
    expect(await idsIn({ mask: png('palette8', [0, 1, 2, 15]) })).toEqual([0, 1, 2, 15]);
    for (const kind of ['palette4', 'palette2', 'palette1'] as const) {
      const ids = kind === 'palette4' ? [0, 1, 2, 15] : kind === 'palette2' ? [0, 3] : [0, 1];
      expect(await idsIn({ mask: png(kind, ids) }), kind).toEqual(ids);
    }
  });

  it('row 2: gray PNGs of 1, 2, 4, 8 and 16 bits give their values', async () => {
    expect(await idsIn({ mask: png('gray1', [0, 1]) })).toEqual([0, 1]);
    expect(await idsIn({ mask: png('gray2', [0, 1, 3]) })).toEqual([0, 1, 3]);
    expect(await idsIn({ mask: png('gray4', [0, 1, 14]) })).toEqual([0, 1, 14]);
    expect(await idsIn({ mask: png('gray8', [0, 1, 254]) })).toEqual([0, 1, 254]);
    const sixteen = png('gray16', [0, 1, 2, 300]);
    expect(await idsIn({ mask: { image: sixteen, bits: 16 } as never })).toEqual([0, 1, 2, 300]);
    await expect(one({ mask: sixteen })).rejects.toThrow(
      "made/0: mask 'mask': expected ids in 0..255 but received 300; give bits: 16",
    );
  });

  it('row 2: every PNG filter and interlacing gives the same ids', async () => {
    for (const filter of [0, 1, 2, 3, 4, 'all']) {
      for (const interlaced of [false, true]) {
        for (const kind of ['gray16', 'palette8', 'gray2', 'gray1'] as const) {
          const ids = kind === 'gray16' ? [0, 700, 65_535] : kind === 'gray1' ? [1, 0] : [0, 3, 1];
          const mask = { image: png(kind, ids, { filter, interlaced }), bits: 16 as const };
          const seen = (await one({ mask })).masks?.mask as Uint16Array;
          expect(seen, `${kind} ${filter} ${interlaced}`).toEqual(stripes(ids));
        }
      }
    }
  });

  it('row 2: agrees with libvips on what it writes', async () => {
    const data = Uint8Array.from(stripes([0, 4, 9, 200]));
    const raw = { width: SIDE, height: SIDE, channels: 1 } as const;
    for (const options of [{}, { progressive: true }, { adaptiveFiltering: true, compressionLevel: 9 }]) {
      const file = await sharp(data, { raw }).toColorspace('b-w').png(options).toBuffer();
      expect((await one({ mask: bytes(file) })).masks?.mask).toEqual(data);
    }
  });

  it('row 2: colors and lossy formats are refused in a sentence that names sample and mask', async () => {
    const rgb = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'red' } });
    const cases: [Uint8Array, RegExp][] = [
      [
        await rgb.clone().png().toBuffer(),
        /made\/0: mask 'mask': a mask holds one id a pixel, but this PNG is RGB; save it with a palette or as gray/,
      ],
      [await rgb.clone().ensureAlpha().png().toBuffer(), /this PNG is RGB with alpha/],
      [
        await rgb.clone().jpeg().toBuffer(),
        /mask 'mask': expected a PNG of ids but found a JPEG, whose compression changes ids; save the mask as PNG/,
      ],
      [await rgb.clone().webp({ lossless: true }).toBuffer(), /found a WEBP; save the mask as PNG/],
      [Buffer.from('no image at all'), /found text; save the mask as PNG/],
    ];
    for (const [file, complaint] of cases)
      await expect(one({ mask: bytes(file) })).rejects.toThrow(complaint);
    const three = {
      kind: 'pixels',
      data: new Uint8Array(3 * 64 * 64),
      width: 64,
      height: 64,
      channels: 3,
    } as const;
    await expect(one({ mask: three })).rejects.toThrow(/expected one id a pixel but received 3 channels/);
  });

  it('row 2: no damaged PNG gives other ids: refused, or the same', async () => {
    const whole = Buffer.from(pngOf('gray8', SIDE, SIDE, stripes([0, 1, 2, 3]), { filter: 'all' }));
    const folder = mkdtempSync(join(tmpdir(), 'rxaug-mask-'));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, change, cut) => {
          const damaged = cut ? whole.subarray(0, at) : Buffer.from(whole);
          if (!cut) damaged[at] = (damaged[at] as number) ^ change;
          const path = join(folder, 'mask.png');
          writeFileSync(path, damaged);
          const result = await one({ mask: { kind: 'file', path } }).catch((error: Error) => error);
          if (result instanceof Error) {
            refused++;
            expect(result.message).toMatch(/^made\/0: mask 'mask': /);
          } else expect(result.masks?.mask).toEqual(Uint8Array.from(stripes([0, 1, 2, 3])));
        },
      ),
      { numRuns: 300, seed: 5 },
    );
    expect(refused).toBeGreaterThan(270); // what follows the end mark means nothing
  });

  it('row 2: PNGs with ambiguous values are refused, others are read', async () => {
    const whole = Buffer.from(pngOf('gray8', SIDE, SIDE, stripes([7])));
    const [start, data] = [whole.subarray(0, 33), whole.subarray(33)];
    const beside = (type: string, ...content: number[]) =>
      bytes(Buffer.concat([start, chunk(type, Buffer.from(content)), data]));
    const header = (at: number, value: number) => {
      const fields = Buffer.from(whole.subarray(16, 29));
      fields[at] = value;
      return bytes(Buffer.concat([whole.subarray(0, 8), chunk('IHDR', fields), data]));
    };
    for (const [image, complaint] of [
      [beside('acTL', 0, 0, 0, 2, 0, 0, 0, 0), /a mask is one image, but this PNG is an animation; save one/],
      [beside('IHDR', ...whole.subarray(16, 29)), /this PNG has a part, 'IHDR', without which it means/],
      [beside('ABCD', 1), /this PNG has a part, 'ABCD', without which it means something else/],
      [header(10, 1), /has a header that means nothing/],
      [header(11, 64), /has a header that means nothing/],
      [header(12, 2), /has a header that means nothing/],
    ] as const) {
      await expect(one({ mask: image })).rejects.toThrow(complaint);
    }
    for (const [type, ...content] of [
      ['tRNS', 0, 7],
      ['PLTE', 1, 2, 3],
      ['acTL', 0, 0, 0, 1, 0, 0, 0, 0],
      ['tEXt', 97, 0, 98],
      ['IDAT'],
    ] as const) {
      expect(await idsIn({ mask: beside(type, ...content) }), type).toEqual([7]);
    }
  });

  it('row 2: any size, any bits, interlaced or not', async () => {
    for (const kind of ['gray1', 'gray2', 'palette4', 'palette8', 'gray16'] as const) {
      const most = 2 ** Number(/\d+/.exec(kind)?.[0]);
      for (let width = 1; width <= 9; width++) {
        for (let height = 1; height <= 9; height++) {
          const ids = Uint16Array.from({ length: width * height }, (_, i) => (i * 7919 + 13) % most);
          for (const interlaced of [false, true]) {
            const file = pngOf(kind, width, height, ids, { interlaced, filter: 'all' });
            const seen = pngIds(Buffer.from(file), 100);
            expect(Uint16Array.from(seen.data), `${kind} ${width}×${height} ${interlaced}`).toEqual(ids);
          }
        }
      }
    }
  });

  it('row 2: a PNG that says it is huge is refused before memory is taken', async () => {
    const huge = pngOf('gray8', 100_000, 100_000, new Uint16Array(0), { raw: deflateSync(Buffer.alloc(10)) });
    await expect(one({ mask: bytes(huge) })).rejects.toThrow(
      /its 100000×100000 pixels are more than maxPixels allows/,
    );
    const few = pngOf('gray8', SIDE, SIDE, new Uint16Array(0), { raw: deflateSync(Buffer.alloc(10)) });
    await expect(one({ mask: bytes(few) })).rejects.toThrow(
      /this PNG has more or fewer pixels than its header declares/,
    );
    const bomb = pngOf('gray8', SIDE, SIDE, new Uint16Array(0), { raw: deflateSync(Buffer.alloc(50 << 20)) });
    await expect(one({ mask: bytes(bomb) })).rejects.toThrow(/this PNG is damaged/);
  });

  it('row 2: several masks by name, of 8 and 16 bits; ids beyond the classes are refused, ignore is not', async () => {
    const classes = rectangleMask(SIDE, SIDE, [0, 0, 30, 30], 3);
    const instances = rectangleMask(SIDE, SIDE, [0, 0, 30, 30], 1234);
    const both = await one({ masks: { classes, instances: { image: instances, bits: 16 } } });
    expect(both.masks?.classes).toBeInstanceOf(Uint8Array);
    expect(both.masks?.instances).toBeInstanceOf(Uint16Array);
    expect([both.masks?.classes?.[0], both.masks?.instances?.[0]]).toEqual([3, 1234]);
    await expect(one({ mask: { image: classes, classes: 3 } })).rejects.toThrow(
      "made/0: mask 'mask': expected ids in 0..2 but received 3; it has 3 classes: fix the mask, raise classes, or set ignore: 3",
    );
    expect(await idsIn({ mask: { image: classes, classes: 3, ignore: 3 } })).toEqual([3, 0]);
    expect(await idsIn({ mask: { image: classes, classes: 4 } })).toEqual([3, 0]);
  });

  it('row 2: masks of another size, and settings that mean nothing, are refused by sample and field', async () => {
    const small = rectangleMask(32, 64, [0, 0, 3, 3], 1);
    await expect(one({ mask: small })).rejects.toThrow(
      "made/0: mask 'mask': expected 64×64 like its image but received 32×64; resize the mask without blending",
    );
    const image = rectangleMask(SIDE, SIDE, [0, 0, 3, 3], 1);
    const wrong: [Targets, RegExp][] = [
      [
        { mask: { image, fill: 256 } },
        /made\/0: mask 'mask': fill: expected an id in 0..255 but received 256/,
      ],
      [{ mask: { image, bits: 12 as never } }, /mask 'mask': bits: expected 8 or 16 but received 12/],
      [{ mask: { image, classes: 0 } }, /mask 'mask': classes: expected a whole number ≥ 1/],
      [{ mask: null as never }, /mask 'mask': expected an image/],
      [{ mask: image, masks: { mask: image } }, /expected one mask of the name 'mask' but received two/],
      [
        { mask: { kind: 'ids', data: new Uint8Array(5), width: 64, height: 64 } },
        /but received 5 ids for 64×64/,
      ],
      [{ mask: { kind: 'nothing' } as never }, /expected an image of kind/],
    ];
    for (const [targets, complaint] of wrong) await expect(one(targets)).rejects.toThrow(complaint);
  });
});
