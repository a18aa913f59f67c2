/**
 * COCO: `images/SPLIT/KEY.jpg`, and `annotations-SPLIT.json` with boxes, keypoints, and the objects of a mask named
 * `instances` as runs. All masks are kept as files too, `masks/NAME/SPLIT/KEY.png`, which `coco` reads by their names in
 * the file; so are labels of images (`classes` and `label`). A shard leaves its part in `annotations/SPLIT-000000.jsonl`.
 *
 * Category ids are class numbers plus 1. Fields of a box beyond COCO's are under `attributes`. A keypoint that is not
 * visible is written as absent, without its place.
 */
import { RxaugError, show } from '../../core/index.js';
import { ENDINGS, SampleCheck } from './check-sample.js';
import { type CocoObject, cocoObjects } from './coco-sample.js';
import { folderNames, pathOfKey, shardBase } from './file-names.js';
import type {
  FinishedShard,
  OutputFormat,
  OutputSample,
  OutputSchema,
  ShardPlace,
  ShardWriter,
} from './output.js';
import { plainJson } from './plain-json.js';
import { ScratchFile } from './scratch-file.js';
import type { StagedFile } from './staged-file.js';
import { StagedFiles } from './staged-files.js';

const OWNER = 'coco';

interface CocoLine {
  readonly image: Readonly<Record<string, unknown>>;
  readonly objects: readonly CocoObject[];
}

const partOf = (place: Pick<ShardPlace, 'split' | 'index'>) => `annotations/${shardBase(place)}.jsonl`;

class CocoWriter implements ShardWriter {
  private readonly files: StagedFiles;
  private readonly masks: readonly string[];
  private readonly check: SampleCheck;
  private part: StagedFile | undefined;

  constructor(
    private readonly place: ShardPlace,
    private readonly schema: OutputSchema,
  ) {
    this.files = new StagedFiles(place.dir);
    this.check = new SampleCheck(OWNER, schema);
    this.masks = folderNames(OWNER, schema.masks);
  }

  add(sample: OutputSample): void {
    const { key, image, masks = {}, label, meta } = sample;
    const { schema, place } = this;
    const objects = cocoObjects(sample);
    this.check.check(sample); // not before: a key that is refused may come again
    const name = pathOfKey(key);
    const file_name = `${name}.${ENDINGS[image.encoding]}`;
    const files = Object.entries(masks).map(([mask, { png }]) => {
      const file = `masks/${this.masks[schema.masks.indexOf(mask)]}/${place.split}/${name}.png`;
      return [mask, { file, bits: png[24] === 16 ? 16 : 8 }, png] as const;
    });
    const line: CocoLine = {
      image: {
        file_name,
        width: image.width,
        height: image.height,
        ...(schema.labels && {
          label: typeof label === 'number' ? label : Array.from(label as Float32Array),
        }),
        ...(files.length > 0 && { masks: Object.fromEntries(files.map(([mask, entry]) => [mask, entry])) }),
        ...(Object.keys(meta).length > 0 && { meta }),
      },
      objects,
    };
    const text = plainJson(`${OWNER}: ${show(key)}`, line);
    this.files.add(`images/${place.split}/${file_name}`, image.bytes);
    for (const [, { file }, png] of files) this.files.add(file, png);
    this.lines.write(`${text}\n`);
  }

  finish() {
    this.lines; // an empty shard has an empty part
    return this.files.finish();
  }

  dispose(): void {
    this.files.dispose();
  }

  private get lines(): StagedFile {
    this.part ??= this.files.grow(partOf(this.place));
    return this.part;
  }
}

/** The layout that `coco` and pycocotools read. */
export const cocoFormat: OutputFormat = {
  name: OWNER,
  fault({ boxClasses, masks }) {
    if (!boxClasses)
      return `${OWNER}: expected boxes, but the data have none; choose webdataset, parquet or folder`;
    try {
      folderNames(OWNER, masks);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  },
  shard: (place, schema) => new CocoWriter(place, schema),
  async index(dir, shards, schema, read) {
    const files = new StagedFiles(dir);
    try {
      const sorted = [...shards].sort((a, b) => a.index - b.index);
      const names = schema.keypoints ? await pointNames(sorted, schema, read) : [];
      for (const split of new Set(shards.map((shard) => shard.split)))
        await merge(
          files,
          dir,
          split,
          sorted.filter((shard) => shard.split === split),
          schema,
          names,
          read,
        );
      return await files.finish();
    } catch (error) {
      files.dispose();
      throw error;
    }
  },
};

/** One file for all shards of a split, written as they are read: annotations wait until all images are listed. */
async function merge(
  files: StagedFiles,
  dir: string,
  split: string,
  shards: readonly FinishedShard[],
  schema: OutputSchema,
  names: readonly Set<string>[],
  read: (file: string) => Promise<Uint8Array>,
): Promise<void> {
  const out = files.grow(`annotations-${split}.json`);
  const waiting = new ScratchFile(dir, `annotations-${split}.part`);
  try {
    out.write(`{"info":${JSON.stringify({ description: schema.name })},`);
    if (schema.labels) out.write(`"classes":${JSON.stringify(schema.classes)},`);
    out.write('"images":[');
    let images = 0;
    let annotations = 0;
    for (const shard of shards) {
      for (const { image, objects } of await linesOf(shard, read)) {
        out.write(`${images > 0 ? ',' : ''}\n${JSON.stringify({ id: ++images, ...image })}`);
        for (const object of objects)
          waiting.write(
            Buffer.from(
              `${annotations > 0 ? ',' : ''}\n${JSON.stringify(annotation(++annotations, images, object, names))}`,
            ),
          );
      }
    }
    out.write('],\n"annotations":[');
    waiting.copyTo(out);
    out.write(`],\n"categories":${JSON.stringify(categories(schema, names))}}\n`);
  } finally {
    waiting.dispose();
  }
}

async function linesOf(
  shard: FinishedShard,
  read: (file: string) => Promise<Uint8Array>,
): Promise<CocoLine[]> {
  if (shard.samples === 0) return []; // it may have no files
  const file = partOf(shard);
  const text = Buffer.from(await read(file)).toString('utf8');
  try {
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as CocoLine]));
  } catch (error) {
    throw new RxaugError(`${OWNER}: ${file} is damaged; write its shard again`, { cause: error });
  }
}

/** The names of keypoints by class, in the order in which shards have them. */
async function pointNames(
  shards: readonly FinishedShard[],
  { boxClasses = [] }: OutputSchema,
  read: (file: string) => Promise<Uint8Array>,
): Promise<Set<string>[]> {
  const names = boxClasses.map(() => new Set<string>());
  for (const shard of shards)
    for (const { objects } of await linesOf(shard, read))
      for (const { category, points = [] } of objects)
        for (const [name] of points) names[category]?.add(name);
  return names;
}

function annotation(
  id: number,
  image: number,
  { category, fields, points }: CocoObject,
  names: readonly Set<string>[],
) {
  const found = new Map(points?.map(([name, x, y, seen]) => [name, [x, y, seen]]));
  const keypoints = points && [...(names[category] ?? [])].flatMap((name) => found.get(name) ?? [0, 0, 0]);
  return {
    id,
    image_id: image,
    category_id: category + 1,
    ...fields,
    ...(keypoints && { keypoints, num_keypoints: points.filter(([, , , seen]) => seen > 0).length }),
  };
}

function categories({ boxClasses = [] }: OutputSchema, names: readonly Set<string>[]) {
  return boxClasses.map((name, i) => {
    const points = [...(names[i] ?? [])];
    return { id: i + 1, name, ...(points.length > 0 && { keypoints: points, skeleton: [] }) };
  });
}
