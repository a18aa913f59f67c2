/** Where decoded pixels lie, and a header that two readers must read alike. */
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/augment/index.js';
import { Decoder } from '../../src/io/decode/decode.js';
import { encodeImage } from '../../src/io/encode.js';

const size = { width: 40, height: 24 };
const pixels = Uint8Array.from({ length: 3 * 40 * 24 }, (_, i) => (i * 7) % 251);
const jpeg = Buffer.from(await encodeImage({ data: pixels, ...size }, 'jpeg'));
/** Where the second segment begins. */
const gap = 2 + 2 + jpeg.readUInt16BE(4);
const withBytes = (...bytes: number[]) =>
  Buffer.concat([jpeg.subarray(0, gap), Buffer.from(bytes), jpeg.subarray(gap)]);

describe('the header of a JPEG', () => {
  it('may have a fill byte before a marker, which means nothing', async () => {
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
