/** Python's own packages read what our writers write: webdataset, mosaicml-streaming, and NumPy for the raw cache. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mdsFormat } from '../../../src/io/write/mds.js';
import type { FinishedShard, OutputFormat } from '../../../src/io/write/output.js';
import { rawFormat } from '../../../src/io/write/raw.js';
import { webdatasetFormat } from '../../../src/io/write/webdataset.js';
import { picture, scratchFolder } from '../make.js';
import { birds, place, SCHEMA, sha256 } from './samples.js';

const folder = scratchFolder();
/** RXAUG_PYTHON names one that has the packages, where that is not the first on the path. */
const pythons = [process.env.RXAUG_PYTHON, 'python3', 'python'].filter((one) => one !== undefined);
const withPackage = (name: string) =>
  pythons.find((python) => spawnSync(python, ['-c', `import ${name}`]).status === 0);
const why = (python: string | undefined, name: string) => (python ? '' : ` (skipped: no Python has ${name})`);

async function write(format: OutputFormat, name: string): Promise<string> {
  const dir = join(folder, name);
  mkdirSync(dir);
  const shards: FinishedShard[] = [];
  for (const index of [0, 1]) {
    const writer = format.shard(place(dir, 'train', index, 2), SCHEMA);
    const samples = (await birds()).map((sample) => ({
      ...sample,
      key: `s${index}/${sample.key}`,
      label: index + 1,
    }));
    for (const sample of samples) await writer.add(sample);
    shards.push({ split: 'train', index, samples: 3, files: await writer.finish() });
    writer.dispose();
  }
  await format.index?.(dir, shards, SCHEMA, async (file) => readFileSync(join(dir, file)));
  return dir;
}

function run(python: string | undefined, code: string, dir: string): unknown {
  const { status, stdout, stderr } = spawnSync(python as string, ['-c', code, dir], { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string);
}

const webdataset = withPackage('webdataset');
describe.skipIf(!webdataset)(`webdataset${why(webdataset, 'webdataset')}`, () => {
  it('reads images, labels and JSON', { timeout: 120_000 }, async () => {
    const dir = await write(webdatasetFormat, 'wds');
    const code = `
import hashlib, json, sys, webdataset
rows = []
for s in webdataset.WebDataset(sys.argv[1] + '/train-{000000..000001}.tar', shardshuffle=False):
    rows.append([s['__key__'], hashlib.sha256(s['png']).hexdigest(), int(s['cls']), json.loads(s['json']),
                 sorted(k for k in s if not k.startswith('__'))])
print(json.dumps(rows))`;
    const samples = await birds();
    expect(run(webdataset, code, dir)).toEqual(
      [0, 1].flatMap((index) =>
        samples.map(({ key, image, boxes, keypoints, masks = {}, meta }) => [
          `s${index}/${key}`,
          sha256(image.bytes),
          index + 1,
          { ...(boxes && { boxes, boxFormat: 'voc' }), ...(keypoints && { keypoints }), meta },
          ['png', 'cls', 'json', ...Object.keys(masks).map((name) => `${name.toLowerCase()}.png`)].sort(),
        ]),
      ),
    );
  });
});

const streaming = withPackage('streaming');
describe.skipIf(!streaming)(`mosaicml-streaming${why(streaming, 'streaming')}`, () => {
  it('reads all columns, and the hashes hold', { timeout: 120_000 }, async () => {
    const dir = join(await write(mdsFormat, 'mds'), 'train');
    const code = `
import hashlib, json, sys
from streaming import StreamingDataset
data = StreamingDataset(local=sys.argv[1], shuffle=False, batch_size=1, validate_hash='sha256')
rows = []
for i in range(len(data)):
    s = data[i]
    rows.append([s['key'], s['label'], list(s['image'].size), hashlib.sha256(s['image'].convert('RGB').tobytes()).hexdigest(),
                 s['boxes'], s['keypoints'], s['meta'], len(s['mask']), len(s['mask.Parts'])])
print(json.dumps(rows))`;
    const samples = await birds();
    expect(run(streaming, code, dir)).toEqual(
      [0, 1].flatMap((index) =>
        samples.map(({ key, boxes = null, keypoints = null, masks, meta }) => [
          `s${index}/${key}`,
          index + 1,
          [24, 16],
          sha256(picture(24, 16)),
          boxes,
          keypoints,
          meta,
          masks?.mask?.png.length ?? 0,
          masks?.Parts?.png.length ?? 0,
        ]),
      ),
    );
  });
});

const numpy = withPackage('numpy');
describe.skipIf(!numpy)(`NumPy${why(numpy, 'numpy')}`, () => {
  it('maps the images of a raw cache', async () => {
    const dir = await write(rawFormat, 'raw');
    const code = `
import hashlib, json, numpy, sys
x = numpy.memmap(sys.argv[1] + '/train-000001.raw', 'uint8', 'r', 64, (3, 16, 24, 3))
print(json.dumps([hashlib.sha256(i.tobytes()).hexdigest() for i in x]))`;
    expect(run(numpy, code, dir)).toEqual(Array(3).fill(sha256(picture(24, 16))));
  });
});
