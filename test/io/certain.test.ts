/** The size that our header reader finds is the one that the library decodes, and where that is certain. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/augment/index.js';
import { Decoder } from '../../src/io/decode/decode.js';
import { JpegHeader } from '../../src/io/decode/jpeg-header.js';
import { encodeImage } from '../../src/io/encode.js';

const size = { width: 40, height: 24 };
const pixels = Uint8Array.from({ length: 3 * 40 * 24 }, (_, i) => (i * 7) % 251);
const jpeg = Buffer.from(await encodeImage({ data: pixels, ...size }, 'jpeg'));
/** Where the second segment begins. */
const gap = 2 + 2 + jpeg.readUInt16BE(4);
const withBytes = (...bytes: number[]) =>
  Buffer.concat([jpeg.subarray(0, gap), Buffer.from(bytes), jpeg.subarray(gap)]);

const read = (bytes: Buffer) => {
  const header = new JpegHeader();
  expect(header.read(bytes)).toBe('');
  return header;
};

describe('the size of a JPEG', () => {
  it('is certain where segment follows segment', () => {
    const { certain, width, height } = read(jpeg);
    expect({ certain, width, height }).toEqual({ certain: true, ...size });
  });

  it.each([
    ['a byte between', [0x00]],
    ['a fill byte', [0xff]],
    ['a marker without a length', [0xff, 0xd0]],
    ['a marker without a meaning', [0xff, 0x02, 0x00, 0x02]],
  ])('is not certain with %s, and certain again in the next one', (_, bytes) => {
    const header = read(withBytes(...bytes));
    expect(header.certain).toBe(false);
    header.read(jpeg);
    expect(header.certain).toBe(true);
  });

  it('does not change the pixels: a fill byte before a marker means nothing', async () => {
    const decoder = new Decoder();
    const decoded = async (bytes: Buffer) => {
      const { data } = await decoder.decode({ kind: 'bytes', bytes });
      return Buffer.from(data.subarray(0, pixels.length));
    };
    expect(await decoded(withBytes(0xff))).toEqual(await decoded(jpeg));
    decoder.dispose();
  });
});

describe('memory for decoded pixels', () => {
  it('lies beside every address that libjpeg-turbo writes to past the caches', () => {
    const engine = new Engine();
    const small = engine.source(3072);
    expect(small.byteOffset % 16).toBe(8);
    expect(engine.source(3072)).toBe(small);
    const large = engine.source(8 << 20); // the memory grows, and views of it end
    expect([large.byteOffset % 16, large.length]).toEqual([8, 8 << 20]);
    const again = engine.source(3072);
    expect([again.byteOffset % 16, again.length]).toEqual([8, 3072]);
  });
});
