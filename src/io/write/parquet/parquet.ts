/** Parquet files as Hugging Face's `datasets` reads them. */
import type { ParquetWriter, Writer } from 'hyparquet-writer';
import {
  absent,
  type BoundingBox,
  isAbsent,
  type Keypoint,
  RxaugError,
  show,
  UsageError,
} from '../../../core/index.js';
import { ENDINGS, fieldFault, SampleCheck } from '../check-sample.js';
import { shardBase } from '../file-names.js';
import type {
  OutputFile,
  OutputFormat,
  OutputSample,
  OutputSchema,
  ShardPlace,
  ShardWriter,
} from '../output.js';
import { plainJson } from '../plain-json.js';
import { StagedFile } from '../staged-file.js';
import { elementsOf, faultOfMasks, huggingFace } from './parquet-schema.js';

/** Rows of a group: readers hold one in memory. */
const GROUP_ROWS = 100;
/** A group ends earlier at so many bytes of images. */
const GROUP_BYTES = 64 << 20;
/** Bytes kept in memory before they are written. */
const BUFFER = 1 << 20;

/**
 * Parquet with the metadata of Hugging Face: `load_dataset('parquet', …)` decodes images and masks and knows the names of
 * the classes. Columns: `image`; `label`; one for each mask; `objects` (`bbox` as [x, y, width, height] in pixels,
 * `category`, and `instance` and `visible` where a box has them); `keypoints` (`x`, `y`, `name`, `instance`, `visible`);
 * `key`; `meta` as JSON. The metadata also name the format of the boxes. Row groups of at most 100 rows. Images are stored as
 * they are, so `parquet()` reads them in place.
 */
export const parquetFormat: OutputFormat = {
  name: 'parquet',
  fault: ({ masks }) => faultOfMasks(masks),
  shard: (place, schema) => new ParquetShard(place, schema),
};

const OWNER = 'parquet';

type Columns = Record<string, unknown[]>;

class ParquetShard implements ShardWriter {
  private readonly file: StagedFile;
  private readonly check: SampleCheck;
  private writer: ParquetWriter | undefined;
  private columns: Columns = {};
  private rows = 0;
  private bytes = 0;

  constructor(
    place: ShardPlace,
    private readonly schema: OutputSchema,
  ) {
    this.check = new SampleCheck(OWNER, schema);
    this.file = new StagedFile(place.dir, `${shardBase(place)}.parquet`);
  }

  async add(sample: OutputSample): Promise<void> {
    const fault = faultOf(sample);
    if (fault) throw new UsageError(`${OWNER}: ${show(sample.key)}: ${fault}`);
    const meta = plainJson(`${OWNER}: ${show(sample.key)}: meta`, sample.meta);
    this.check.check(sample);
    const row = rowOf(sample, meta, this.schema);
    for (const [name, value] of Object.entries(row)) {
      this.columns[name] ??= [];
      this.columns[name].push(value);
    }
    this.rows++;
    this.bytes += sample.image.bytes.length;
    for (const mask of Object.values(sample.masks ?? {})) this.bytes += mask.png.length;
    if (this.rows === GROUP_ROWS || this.bytes >= GROUP_BYTES) await this.group();
  }

  async finish(): Promise<readonly OutputFile[]> {
    if (this.rows > 0) await this.group();
    const writer = await this.open();
    await writer.finish();
    return [await this.file.finish()];
  }

  dispose(): void {
    this.file.dispose();
  }

  private async group(): Promise<void> {
    const writer = await this.open();
    const columnData = Object.entries(this.columns).map(([name, data]) => ({
      name,
      data,
      encoding: 'PLAIN' as const,
      codec: name === 'meta' ? ('SNAPPY' as const) : ('UNCOMPRESSED' as const),
      statistics: false,
      offsetIndex: false,
    }));
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.columns = {};
    this.rows = 0;
    this.bytes = 0;
  }

  private async open(): Promise<ParquetWriter> {
    if (this.writer) return this.writer;
    const { ByteWriter, ParquetWriter } = await load();
    const bytes = new ByteWriter(BUFFER);
    const flush = () => {
      this.file.write(new Uint8Array(bytes.buffer, 0, bytes.index));
      bytes.index = 0;
    };
    const grow = bytes.ensure.bind(bytes);
    const writer: Writer = Object.assign(bytes, {
      ensure: (size: number) => {
        if (bytes.index + size > BUFFER) flush();
        grow(size);
      },
      finish: flush,
    });
    this.writer = new ParquetWriter({
      writer,
      schema: elementsOf(this.schema),
      codec: 'UNCOMPRESSED',
      statistics: false,
      createdBy: 'rxaug',
      kvMetadata: [
        { key: 'huggingface', value: huggingFace(this.schema) },
        { key: 'rxaug', value: JSON.stringify(this.schema.boxClasses ? { boxFormat: 'coco' } : {}) },
      ],
    });
    return this.writer;
  }
}

async function load() {
  try {
    return await import('hyparquet-writer');
  } catch (error) {
    if (isAbsent(error, 'hyparquet-writer'))
      throw new RxaugError(absent('hyparquet-writer', 'parquet'), { cause: error });
    throw error;
  }
}

/** One value for each column. */
function rowOf(sample: OutputSample, meta: string, schema: OutputSchema): Readonly<Record<string, unknown>> {
  const { key, image, label, masks = {}, boxes, keypoints } = sample;
  return {
    // Copies: the caller may use its memory again before the group is written.
    image: { bytes: new Uint8Array(image.bytes), path: `${key}.${ENDINGS[image.encoding]}` },
    ...(schema.labels && { label: BigInt(label as number) }),
    ...Object.fromEntries(
      schema.masks.map((name) => [
        name,
        masks[name] ? { bytes: new Uint8Array(masks[name].png), path: `${key}.${name}.png` } : null,
      ]),
    ),
    ...(schema.boxClasses && { objects: objectsOf(boxes ?? []) }),
    ...(schema.keypoints && { keypoints: pointsOf(keypoints ?? []) }),
    key,
    meta,
  };
}

/** A page holds one image at least. */
const LARGEST = 512 << 20;

const NO_COLUMN = 'the columns cannot hold';

/** What of a sample the columns cannot hold, though other layouts can. */
function faultOf({ image, label, boxes = [], keypoints = [] }: OutputSample): string | undefined {
  if (label !== undefined && typeof label !== 'number')
    return 'its label is a distribution, which the column of classes cannot hold; write WebDataset';
  if (image.bytes.length > LARGEST) return 'its image has more than 512 MiB; write WebDataset';
  return fieldFault(boxes, 'box', BOX, NO_COLUMN) ?? fieldFault(keypoints, 'keypoint', POINT, NO_COLUMN);
}

const BOX: Readonly<Record<keyof BoundingBox, boolean>> = {
  box: true,
  label: true,
  instance: true,
  visible: true,
  weight: false,
};
const POINT: Readonly<Record<keyof Keypoint, boolean>> = {
  x: true,
  y: true,
  name: true,
  instance: true,
  visible: true,
};

const integer = (value: number | undefined) => (value === undefined ? null : BigInt(value));

/** [x0, y0, x1, y1] → [x, y, width, height]. */
function objectsOf(boxes: readonly BoundingBox[]) {
  return {
    bbox: boxes.map(({ box: [x0, y0, x1, y1] }) => [x0, y0, x1 - x0, y1 - y0]),
    category: boxes.map(({ label }) => BigInt(label)),
    instance: boxes.map(({ instance }) => integer(instance)),
    visible: boxes.map(({ visible }) => visible ?? null),
  };
}

function pointsOf(points: readonly Keypoint[]) {
  return {
    x: points.map(({ x }) => x),
    y: points.map(({ y }) => y),
    name: points.map(({ name }) => name ?? null),
    instance: points.map(({ instance }) => integer(instance)),
    visible: points.map(({ visible }) => visible ?? null),
  };
}
