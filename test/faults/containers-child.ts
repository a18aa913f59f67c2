/**
 * Opens mutated containers one by one and reads every range that they give; a crash or a hang ends this process and not
 * the tests. In: argv[2], a JSON file `[{ name, format, base64 }]`, and argv[3], a folder. Out: a line of JSON for each,
 * when it begins and when it ends, and the most memory at the end.
 */
import { readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageRef, type Mask, RxaugError } from '../../src/core/index.js';
import { type OpenedDataset, openParquet, openTfrecord, openWebdataset } from '../../src/io/index.js';

const [, , list = '', folder = ''] = process.argv;
const files = JSON.parse(readFileSync(list, 'utf8')) as { name: string; format: string; base64: string }[];
const cache = join(folder, 'cache');
const say = (line: object) => writeSync(1, `${JSON.stringify(line)}\n`);

const open: Record<string, (path: string) => Promise<OpenedDataset>> = {
  parquet: (path) => openParquet(path, { masks: 'mask', boxes: { format: 'coco' }, cache }),
  tfrecord: (path) => openTfrecord(path, { masks: 'image/segmentation/class/encoded', boxes: {}, cache }),
  tgz: (path) => openWebdataset(path, { cache }),
};

/** Ranges that lie outside their file. */
function strays(data: OpenedDataset): number {
  let count = 0;
  const check = (ref: ImageRef) => {
    const inside =
      ref.kind === 'range' &&
      ref.length > 0 &&
      ref.offset >= 0 &&
      ref.offset + ref.length <= statSync(ref.path).size;
    if (!inside) count++;
  };
  for (let i = 0; i < Math.min(data.length, 100); i++) {
    const { image, targets } = data.item(i);
    check(image);
    for (const mask of Object.values(targets?.masks ?? {})) check((mask as Mask).image as ImageRef);
  }
  return count;
}

for (const { name, format, base64 } of files) {
  say({ begin: name });
  const path = join(folder, `${name}.${format}`);
  writeFileSync(path, Buffer.from(base64, 'base64'));
  const start = performance.now();
  const line: Record<string, unknown> = { name, ok: true };
  try {
    const data = await (open[format] as (path: string) => Promise<OpenedDataset>)(path);
    line.items = data.length;
    line.strays = strays(data);
    line.reason = data.problems.map(({ reason }) => reason).join('\n');
  } catch (error) {
    line.ok = error instanceof RxaugError;
    line.reason = String((error as Error).message ?? error);
    if (!line.ok) line.stack = (error as Error).stack;
  }
  say({ ...line, ms: performance.now() - start });
  rmSync(path);
}
rmSync(cache, { recursive: true, force: true });
say({ peak: process.resourceUsage().maxRSS / 1024 });
