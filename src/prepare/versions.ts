/** What decides bytes beside the plan: encoders, decoders and kernels. Another machine must have the same. */
import { readFileSync } from 'node:fs';
import { memoryOf } from '../core/children/memory.js';
import { loadSharp } from '../io/decode/native.js';
import { jpegEncoder } from '../io/encode-jpeg.js';
import { decoderBackends } from '../io/index.js';

export type Versions = Readonly<Record<string, string>>;

export async function versions(): Promise<Versions> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const sharp = await loadSharp();
  const {
    vips = '?',
    mozjpeg,
    jpeg,
    png,
    webp,
  } = sharp.versions as Readonly<Record<string, string | undefined>>;
  return {
    rxaug: version,
    libvips: vips,
    jpeg: mozjpeg ?? jpeg ?? '?',
    png: png ?? '?',
    webp: webp ?? '?',
    decoder: (await decoderBackends())
      .filter(({ error }) => error === undefined)
      .map(({ name }) => name)
      .join(', '),
    encoder: jpegEncoder(),
    processor: process.arch,
    // Without a cap a sample is written that is left out elsewhere.
    memory: memoryOf(process.pid) === undefined ? 'not capped' : 'capped',
  };
}

/** What differs, in words; empty where nothing does. */
export function differences(planned: Versions, here: Versions): string {
  return [...new Set([...Object.keys(planned), ...Object.keys(here)])]
    .filter((name) => planned[name] !== here[name])
    .map((name) => `${name} ${here[name] ?? 'absent'} in place of ${planned[name] ?? 'absent'}`)
    .join(', ');
}
