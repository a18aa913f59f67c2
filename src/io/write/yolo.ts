/**
 * YOLO: `images/SPLIT/KEY.jpg`, `labels/SPLIT/KEY.txt` with a line `CLASS CENTER_X CENTER_Y WIDTH HEIGHT` for each box, in
 * shares of the image's sides, and `data.yaml`. Of a box, its numbers and its class are kept.
 */
import { type BoundingBox, show, UsageError } from '../../core/index.js';
import { ENDINGS, SampleCheck } from './check-sample.js';
import { pathOfKey } from './file-names.js';
import type { OutputFormat, OutputSample, OutputSchema, ShardPlace, ShardWriter } from './output.js';
import { StagedFiles } from './staged-files.js';

const OWNER = 'yolo';

/** Pixels that rounding may put a box outside its image. */
const SLACK = 1e-3;

class YoloWriter implements ShardWriter {
  private readonly files: StagedFiles;
  private readonly check: SampleCheck;

  constructor(
    private readonly place: ShardPlace,
    schema: OutputSchema,
  ) {
    this.files = new StagedFiles(place.dir);
    this.check = new SampleCheck(OWNER, schema);
  }

  add(sample: OutputSample): void {
    const { key, image, boxes = [] } = sample;
    const lines = boxes.map((box) => lineOf(key, box, image.width, image.height));
    this.check.check(sample); // last: a key that is refused may come again
    const path = pathOfKey(key);
    const { split } = this.place;
    this.files.add(`images/${split}/${path}.${ENDINGS[image.encoding]}`, image.bytes);
    this.files.add(`labels/${split}/${path}.txt`, Buffer.from(lines.map((line) => `${line}\n`).join('')));
  }

  finish() {
    return this.files.finish();
  }

  dispose(): void {
    this.files.dispose();
  }
}

function lineOf(key: string, { box, label }: BoundingBox, width: number, height: number): string {
  const [x0, y0, x1, y1] = box;
  if (x0 < -SLACK || y0 < -SLACK || x1 > width + SLACK || y1 > height + SLACK)
    throw new UsageError(
      `${OWNER}: ${show(key)}: its box [${box.join(', ')}] reaches beyond its image of ${width}×${height}; cut it`,
    );
  const [left, top] = [Math.max(0, x0), Math.max(0, y0)];
  const [right, bottom] = [Math.min(width, x1), Math.min(height, y1)];
  const shares = [
    (left + right) / 2 / width,
    (top + bottom) / 2 / height,
    (right - left) / width,
    (bottom - top) / height,
  ];
  return `${label} ${shares.join(' ')}`;
}

/** The layout that `yolo` and Ultralytics read. */
export const yoloFormat: OutputFormat = {
  name: OWNER,
  fault({ boxClasses, masks, keypoints, labels }) {
    if (!boxClasses)
      return `${OWNER}: expected boxes, but the data have none; choose webdataset, parquet or folder`;
    if (masks.length > 0)
      return `${OWNER}: masks are not written; choose coco or webdataset, or leave them out`;
    if (keypoints) return `${OWNER}: keypoints are not written; choose coco or webdataset, or leave them out`;
    if (labels)
      return `${OWNER}: it holds no labels of whole images; choose coco or webdataset, or leave them out`;
    return undefined;
  },
  shard: (place, schema) => new YoloWriter(place, schema),
  async index(dir, shards, { boxClasses = [] }) {
    const splits = [...new Set(shards.map(({ split }) => split))];
    const text = [
      ...splits.map((split) => `${split}: images/${split}`),
      `nc: ${boxClasses.length}`,
      'names:',
      ...boxClasses.map((name, i) => `  ${i}: ${JSON.stringify(name)}`),
    ];
    const files = new StagedFiles(dir);
    files.add('data.yaml', Buffer.from(`${text.join('\n')}\n`));
    return files.finish();
  },
};
