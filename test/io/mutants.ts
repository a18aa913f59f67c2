/** Damaged files, the same ones in each run, and what a reader may do with them. */
import { expect } from 'vitest';
import { BadSampleError, RxaugError } from '../../src/core/index.js';
import { Decoder, type OpenedDataset } from '../../src/io/index.js';

/** xorshift32. */
function random(seed: number): (below: number) => number {
  let x = seed * 2_654_435_761 + 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

/** Bits flipped, bytes set to extremes, parts cut out, doubled or cut off, numbers made huge. */
export function* mutants(bytes: Buffer, count: number, seed = 1, within = bytes.length): Generator<Buffer> {
  const draw = random(seed);
  for (let i = 0; i < count; i++) {
    const at = draw(Math.min(within, bytes.length));
    const length = 1 + draw(16);
    switch (draw(6)) {
      case 0: {
        const out = Buffer.from(bytes);
        for (let n = 1 + draw(4), k = 0; k < n; k++) {
          const place = draw(Math.min(within, bytes.length));
          out[place] = (out[place] as number) ^ (1 << draw(8));
        }
        yield out;
        break;
      }
      case 1: {
        const out = Buffer.from(bytes);
        out.fill([0, 255, 127, 128][draw(4)] as number, at, Math.min(out.length, at + length));
        yield out;
        break;
      }
      case 2:
        yield bytes.subarray(0, draw(bytes.length));
        break;
      case 3:
        yield Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        yield Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
        break;
      default: {
        const out = Buffer.from(bytes);
        if (at + 4 <= out.length)
          out.writeUInt32LE([0xffffffff, 0x7fffffff, 1, 0x10000][draw(4)] as number, at);
        yield out;
      }
    }
  }
}

/** One clear sentence, or a data set of which each image decodes or is refused in one. Returns what happened. */
export async function readOrRefuse(
  open: () => Promise<OpenedDataset>,
): Promise<'refused' | 'partly' | 'whole'> {
  let data: OpenedDataset;
  try {
    data = await open();
  } catch (error) {
    if (!(error instanceof RxaugError)) throw error;
    expect(error.message).toMatch(/^\S.*[;:].*\S$/);
    return 'refused';
  }
  for (const { where, reason } of data.problems) expect(`${where}: ${reason}`).toMatch(/; /);
  using decoder = new Decoder({ maxPixels: 1e6 });
  let bad = 0;
  for (let i = 0; i < data.length; i++) {
    const { image, id, label } = data.item(i);
    if (typeof label === 'number') expect(label).toBeLessThan(data.classes.length);
    try {
      await decoder.decode(image, undefined, id);
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      bad++;
    }
  }
  return bad > 0 || data.problems.length > 0 ? 'partly' : 'whole';
}
