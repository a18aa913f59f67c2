/**
 * Decodes mutated images one by one, whole and by a part at a fraction; a native crash ends this process and not the
 * tests, and bytes around the memory that is given are watched.
 * In: argv[2], a JSON file `[{ name, base64 }]`. Out: a line of JSON for each, when it begins and when it ends.
 */
import { readFileSync, writeSync } from 'node:fs';
import { BadSampleError, type ImageRef } from '../../src/core/index.js';
import type { Look } from '../../src/io/decode/jpeg-part.js';
import { Decoder } from '../../src/io/index.js';

const files = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as {
  name: string;
  base64: string;
}[];
const decoder = new Decoder({ maxPixels: 4e6, timeout: 5 });
const GUARD = 65536;
const MARK = 0xa5;
const memory = Buffer.alloc(12e6 + 2 * GUARD, MARK);
let given = 0;

/** Room for the image between two guards. */
function room(bytes: number): Buffer {
  given = bytes;
  memory.fill(MARK, GUARD + bytes, GUARD + bytes + GUARD);
  return memory.subarray(GUARD, GUARD + bytes);
}

const guard = Buffer.alloc(GUARD, MARK);
const untouched = () =>
  guard.equals(memory.subarray(0, GUARD)) &&
  guard.equals(memory.subarray(GUARD + given, GUARD + given + GUARD));

/** Some part of the image, which differs from file to file. */
function partOf(place: number): Look {
  return (width, height) => {
    const x = (place * 7919) % width;
    const y = (place * 104729) % height;
    const right = Math.min(width, x + 1 + ((place * 31) % width));
    const bottom = Math.min(height, y + 1 + ((place * 17) % height));
    return { window: [x, y, right, bottom], shrink: [1, 2, 4, 8][place % 4] as number };
  };
}
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

/** A part; that it is refused says nothing of the rest, so the whole is decoded after it. */
async function partly(image: ImageRef, name: string, place: number): Promise<void> {
  try {
    await decoder.decode(image, room, name, partOf(place));
  } catch (error) {
    if (!(error instanceof BadSampleError)) throw error;
  }
  if (!untouched()) throw new Error('a part was written beyond its image');
}

for (const [place, { name, base64 }] of files.entries()) {
  say({ begin: name });
  const began = performance.now();
  try {
    const image = { kind: 'bytes', bytes: Buffer.from(base64, 'base64') } as const;
    await partly(image, name, place);
    const pixels = await decoder.decode(image, room, name);
    const whole = pixels.data.length === 3 * pixels.width * pixels.height && pixels.width > 0;
    say({ name, ok: whole && untouched(), ms: performance.now() - began });
  } catch (error) {
    const known = error instanceof BadSampleError;
    say({
      name,
      ok: known && untouched(),
      reason: known ? error.message : String((error as Error).stack),
      ms: performance.now() - began,
    });
  }
}
