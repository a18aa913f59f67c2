/**
 * Decodes mutated images one by one; a native crash ends this process and not the tests.
 * In: argv[2], a JSON file `[{ name, base64 }]`. Out: a line of JSON for each, when it begins and when it ends.
 */
import { readFileSync, writeSync } from 'node:fs';
import { BadSampleError } from '../../src/core/index.js';
import { Decoder } from '../../src/io/index.js';

const files = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as {
  name: string;
  base64: string;
}[];
const decoder = new Decoder({ maxPixels: 4e6, timeout: 5 });
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

for (const { name, base64 } of files) {
  say({ begin: name });
  const began = performance.now();
  try {
    const pixels = await decoder.decode(
      { kind: 'bytes', bytes: Buffer.from(base64, 'base64') },
      undefined,
      name,
    );
    const whole = pixels.data.length === 3 * pixels.width * pixels.height && pixels.width > 0;
    say({ name, ok: whole, ms: performance.now() - began });
  } catch (error) {
    const known = error instanceof BadSampleError;
    say({
      name,
      ok: known,
      reason: known ? error.message : String((error as Error).stack),
      ms: performance.now() - began,
    });
  }
}
