import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openRawCache } from '../../dist/io/raw/open-raw.js';
import { rawFormat } from '../../dist/io/write/raw.js';
import { DECODER } from '../lib/ours-streams.mjs';

const SIDE = 256;
/** So many that their 100 MB of pixels do not stay in the processor's caches. */
const COUNT = 512;
const PER_STEP = 32;

/** The photos as squares of 256 pixels: JPEG of quality 90, or the shard of a raw cache. */
async function squares(spec) {
  const paths = spec.images.slice(0, COUNT);
  return await Promise.all(
    paths.map(async (path) => {
      const { data } = await sharp(path)
        .resize(SIDE, SIDE, { fit: 'cover' })
        .flatten()
        .toColorspace('srgb')
        .raw()
        .toBuffer({ resolveWithObject: true });
      return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } });
    }),
  );
}

async function refsOf(spec, dir) {
  const images = await squares(spec);
  if (spec.way === 'jpeg') {
    const encoded = await Promise.all(images.map((image) => image.jpeg({ quality: 90 }).toBuffer()));
    return Array.from({ length: COUNT }, (_, i) => ({ kind: 'bytes', bytes: encoded[i % encoded.length] }));
  }
  const schema = { name: 'bench', classes: ['photo'], masks: [], keypoints: false, labels: true };
  const shard = rawFormat.shard({ dir, split: 'train', index: 0, count: 1 }, schema);
  const encoded = await Promise.all(images.map((image) => image.png({ compressionLevel: 1 }).toBuffer()));
  for (let i = 0; i < COUNT; i++) {
    const image = { bytes: encoded[i % encoded.length], encoding: 'png', width: SIDE, height: SIDE };
    await shard.add({ key: String(i), image, label: 0, meta: {} });
  }
  await shard.finish();
  const data = await openRawCache(join(dir, 'train-*.raw'), { memory: spec.way === 'memory' });
  return Array.from({ length: COUNT }, (_, i) => data.item(i).image);
}

export default {
  name: 'raw-cache',
  about: 'photos of 256 × 256 pixels from a raw cache, against the same as JPEG of quality 90 in memory',
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  inputs: ['photos'],
  contestants: {
    rxaug: { spec: { way: 'file' } },
    'rxaug, memory: true': { spec: { way: 'memory' } },
    'rxaug, JPEG': { spec: { way: 'jpeg' } },
  },
  async ours(spec, rxaug) {
    const dir = mkdtempSync(join(os.tmpdir(), 'rxaug-bench-raw-'));
    const refs = await refsOf(spec, dir);
    const decoder = new rxaug.Decoder(DECODER);
    // As in a stream: pixels in memory stay where they are (kernels read what they need of them), others are written to
    // the memory that kernels read.
    const memory = Buffer.from(new SharedArrayBuffer(3 * SIDE * SIDE));
    const target = spec.way === 'memory' ? undefined : () => memory;
    let at = 0;
    return {
      step: async () => {
        for (let i = 0; i < PER_STEP; i++) await decoder.decode(refs[at++ % COUNT], target);
        return PER_STEP;
      },
      close: () => rmSync(dir, { recursive: true }),
    };
  },
};
