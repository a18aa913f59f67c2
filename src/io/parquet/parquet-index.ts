/**
 * What a Parquet file holds, row by row, in typed arrays; its images are in the unpacked cache, or where they stand in the
 * file if they stand there as they are.
 */
import { setImmediate } from 'node:timers/promises';
import type { RowGroup } from 'hyparquet';
import { type BoxFormat, messageOf, RxaugError, UsageError } from '../../core/index.js';
import { RawBoxesBuilder, RawKeypointsBuilder } from '../raw-boxes.js';
import { RawColumnBuilder } from '../raw-column.js';
import { type ImageColumn, ImageColumnBuilder, type RowIndex } from '../row-data.js';
import type { UnpackedWriter } from '../unpacked/unpacked-writer.js';
import { featuresOf } from './hf-features.js';
import { OWN_COLUMNS, ownMetadata } from './own-metadata.js';
import type { Page } from './pages.js';
import { type ColumnOptions, type Columns, columnsOf } from './parquet-columns.js';
import { ParquetFile } from './parquet-file.js';
import { walk, walkPages } from './rows.js';
import type { Leaf } from './schema.js';

export interface IndexOptions extends ColumnOptions {
  /** Of the boxes. */
  readonly format?: BoxFormat;
}

/** Raised whenever what an index holds changes its meaning. */
export const PARQUET_INDEX = 2;

/** @throws RxaugError with a clause about the file */
export async function indexParquet(
  path: string,
  options: IndexOptions,
  out: UnpackedWriter,
): Promise<RowIndex> {
  const file = await ParquetFile.open(path);
  try {
    return await index(file, options, out);
  } catch (error) {
    if (error instanceof RxaugError || (error as NodeJS.ErrnoException).code) throw error;
    throw new RxaugError(`it cannot be read to its end: ${messageOf(error)}`, { cause: error });
  } finally {
    file.dispose();
  }
}

async function index(file: ParquetFile, options: IndexOptions, out: UnpackedWriter): Promise<RowIndex> {
  const own = ownMetadata(file.metadata);
  if (own?.boxFormat && options.format && own.boxFormat !== options.format)
    throw new UsageError(
      `parquet: boxes.format: expected '${own.boxFormat}', which the metadata of ${file.path} name, but received '${options.format}'; correct it`,
    );
  const columns = columnsOf(file.fields, options, own ? OWN_COLUMNS : []);
  const features = featuresOf(file.metadata);
  const problems: [number, string][] = [];
  if (features.fault) problems.push([-1, features.fault]);
  const image = new ImageReader(file, columns.image, out);
  const masks = Object.entries(columns.masks).map(
    ([name, leaf]) => [name, new ImageReader(file, leaf, out)] as const,
  );
  const labels = columns.label && new RawColumnBuilder(`its column '${options.label}'`);
  const boxes =
    columns.boxes &&
    new RawBoxesBuilder(
      `its field '${options.boxes?.column}.${options.boxes?.label}'`,
      options.format ?? 'coco',
    );
  const keypoints = columns.keypoints && new RawKeypointsBuilder(`its field '${options.keypoints}.name'`);
  let rows = 0;
  for (const group of file.metadata.row_groups) {
    if (labels && columns.label) addLabels(file, group, columns.label, labels);
    if (boxes && columns.boxes) addBoxes(file, group, columns.boxes, boxes, rows, problems);
    if (keypoints && columns.keypoints)
      addKeypoints(file, group, columns.keypoints, keypoints, rows, problems);
    for (const column of [image, ...masks.map(([, mask]) => mask)]) await column.add(group);
    rows += Number(group.num_rows);
  }
  const { label, boxes: objects } = options;
  const names = label === false ? undefined : features.names(label);
  const boxNames = objects && features.names(objects.column, objects.label);
  return {
    rows,
    image: image.done(),
    masks: Object.fromEntries(masks.map(([name, mask]) => [name, mask.done()])),
    ...(labels && { labels: labels.done() }),
    ...(boxes && { boxes: boxes.done() }),
    ...(keypoints && { keypoints: keypoints.done() }),
    ...(names && { classes: names }),
    ...(boxNames && { boxClasses: boxNames }),
    problems,
    passed: columns.passed,
  };
}

class ImageReader {
  private readonly column = new ImageColumnBuilder();

  constructor(
    private readonly file: ParquetFile,
    private readonly leaf: Leaf,
    private readonly out: UnpackedWriter,
  ) {}

  async add(group: RowGroup): Promise<void> {
    // Equal images that are stored once are unpacked once.
    const known = new Map<Uint8Array, number>();
    const value = (bytes: number | Uint8Array | undefined, { base, shared }: Page) => {
      if (!(bytes instanceof Uint8Array) || bytes.length === 0) return this.column.push(false, 0, 0);
      if (base) {
        const offset = base.offset + bytes.byteOffset - base.bytes.byteOffset;
        return this.column.push(true, offset, bytes.length);
      }
      const at = known.get(bytes) ?? this.out.write(bytes);
      if (shared) known.set(bytes, at); // others would keep their page in memory
      this.column.push(false, at, bytes.length);
    };
    for (const _ of walkPages(this.file, group, this.leaf, { value })) {
      await setImmediate(); // Lets Ctrl-C and timers through between pages.
    }
  }

  done(): ImageColumn {
    return this.column.done();
  }
}

type Value = number | Uint8Array | undefined;

const text = new TextDecoder();
const plain = (value: Value): number | string | undefined =>
  value instanceof Uint8Array ? text.decode(value) : value;

function addLabels(file: ParquetFile, group: RowGroup, leaf: Leaf, labels: RawColumnBuilder): void {
  if (leaf.lists.length === 0) {
    walk(file, group, leaf, { value: (value) => labels.push(plain(value)) });
    return;
  }
  let shares: number[] | undefined;
  const flush = () => shares && labels.push(shares.length > 0 ? shares : undefined);
  walk(file, group, leaf, {
    row() {
      flush();
      shares = [];
    },
    value: (value) => shares?.push(typeof value === 'number' ? value : Number.NaN),
  });
  flush();
}

/** The values of a field, and how many each row of the group has. */
function fieldOf(file: ParquetFile, group: RowGroup, leaf: Leaf): { counts: Uint32Array; values: Value[] } {
  const counts = new Uint32Array(Number(group.num_rows));
  const values: Value[] = [];
  let at = 0;
  walk(file, group, leaf, {
    row(i) {
      at = i;
    },
    value(value) {
      counts[at] = (counts[at] as number) + 1;
      values.push(value);
    },
  });
  return { counts, values };
}

/** Lists of numbers, and how many each row of the group has. */
function listsOf(
  file: ParquetFile,
  group: RowGroup,
  leaf: Leaf,
): { counts: Uint32Array; values: number[][] } {
  const counts = new Uint32Array(Number(group.num_rows));
  const values: number[][] = [];
  let at = 0;
  walk(file, group, leaf, {
    row(i) {
      at = i;
    },
    list() {
      counts[at] = (counts[at] as number) + 1;
      values.push([]);
    },
    value: (value) => values[values.length - 1]?.push(typeof value === 'number' ? value : Number.NaN),
  });
  return { counts, values };
}

function addBoxes(
  file: ParquetFile,
  group: RowGroup,
  leaves: NonNullable<Columns['boxes']>,
  boxes: RawBoxesBuilder,
  first: number,
  problems: [number, string][],
): void {
  const box = listsOf(file, group, leaves.box);
  const label = fieldOf(file, group, leaves.label);
  const instance = leaves.instance && fieldOf(file, group, leaves.instance);
  const visible = leaves.visible && fieldOf(file, group, leaves.visible);
  const more = [label, ...(instance ? [instance] : []), ...(visible ? [visible] : [])];
  const at = more.map(() => 0);
  let next = 0;
  box.counts.forEach((count, row) => {
    const uneven = more.some(({ counts }) => counts[row] !== count);
    for (let i = 0; i < count && !uneven; i++) {
      const [own, ...rest] = more.map(({ values }, k) => values[(at[k] as number) + i]);
      const inst = instance ? rest[0] : undefined;
      const share = visible ? rest[rest.length - 1] : undefined;
      boxes.push({
        box: box.values[next + i] as number[],
        label: plain(own),
        ...(typeof inst === 'number' && { instance: inst }),
        ...(typeof share === 'number' && { visible: share }),
      });
    }
    if (uneven) problems.push([first + row, 'its objects have not as many boxes as labels; fix them']);
    next += count;
    more.forEach(({ counts }, k) => {
      at[k] = (at[k] as number) + (counts[row] as number);
    });
    boxes.row();
  });
}

function addKeypoints(
  file: ParquetFile,
  group: RowGroup,
  leaves: NonNullable<Columns['keypoints']>,
  keypoints: RawKeypointsBuilder,
  first: number,
  problems: [number, string][],
): void {
  const names = Object.keys(leaves) as (keyof typeof leaves)[];
  const fields = names.map((name) => fieldOf(file, group, leaves[name] as Leaf));
  const at = fields.map(() => 0);
  for (let row = 0; row < Number(group.num_rows); row++) {
    const count = fields[0]?.counts[row] as number;
    const uneven = fields.some(({ counts }) => counts[row] !== count);
    for (let i = 0; i < count && !uneven; i++) {
      const own = Object.fromEntries(
        names.map((name, k) => [name, plain(fields[k]?.values[(at[k] as number) + i])]),
      ) as Record<(typeof names)[number], number | string | undefined>;
      const number = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
      keypoints.push({
        x: number(own.x),
        y: number(own.y),
        ...(typeof own.name === 'string' && { name: own.name }),
        ...(typeof own.instance === 'number' && { instance: own.instance }),
        ...(own.visible !== undefined && { visible: own.visible !== 0 }),
      });
    }
    if (uneven) problems.push([first + row, 'its keypoints have not as many x as y; fix them']);
    fields.forEach(({ counts }, k) => {
      at[k] = (at[k] as number) + (counts[row] as number);
    });
    keypoints.row();
  }
}
