/** What a TFRecord file of examples holds, record by record, in typed arrays; its images stay where they are. */
import { setImmediate } from 'node:timers/promises';
import { messageOf, show } from '../../core/index.js';
import type { RawLabel } from '../archive/shard-index.js';
import { RawBoxesBuilder } from '../raw-boxes.js';
import { RawColumnBuilder } from '../raw-column.js';
import { ImageColumnBuilder, type RowIndex } from '../row-data.js';
import { type Feature, readExample } from './example.js';
import { RecordReader, type TfRecord } from './records.js';

export interface RecordOptions {
  readonly image: string;
  readonly label: string | false;
  /** The number of the first class. */
  readonly firstLabel: number;
  readonly masks: Readonly<Record<string, string>>;
  readonly boxes?: { readonly prefix: string; readonly label: string; readonly firstLabel: number };
}

/** Raised whenever what an index holds changes its meaning. */
export const RECORD_INDEX = 1;

/** Names of features that are not read: so many are listed. */
const MOST_PASSED = 1000;
/** Records between two turns of other work. */
const TURN = 256;

type Features = ReadonlyMap<string, Feature>;

/** Where the bytes of a feature stand in the file. */
type Place = readonly [offset: number, length: number];

interface Row {
  readonly image: Place;
  readonly masks: Readonly<Record<string, Place>>;
  readonly label?: RawLabel;
  readonly boxes: readonly { readonly box: readonly number[]; readonly label: string | number | undefined }[];
}

export async function indexRecords(path: string, options: RecordOptions): Promise<RowIndex> {
  const reader = new RecordReader(path);
  try {
    return await index(reader, options);
  } finally {
    reader.dispose();
  }
}

async function index(reader: RecordReader, options: RecordOptions): Promise<RowIndex> {
  const problems: [number, string][] = [];
  const image = new ImageColumnBuilder();
  const masks = Object.keys(options.masks).map((name) => [name, new ImageColumnBuilder()] as const);
  const labels = options.label === false ? undefined : new RawColumnBuilder(`its feature '${options.label}'`);
  const boxes = options.boxes && new RawBoxesBuilder(`its feature '${options.boxes.label}'`, 'normalized');
  const passed = new Set<string>();
  const read = readNames(options);
  let rows = 0;
  for (const record of reader.records((reason) => problems.push([-1, reason]))) {
    const found = rowOf(record, options, (name) => {
      if (!read.has(name) && passed.size < MOST_PASSED) passed.add(name);
    });
    if (typeof found === 'string') problems.push([record.index, found]);
    const row = typeof found === 'string' ? NOTHING : found;
    image.push(true, ...row.image);
    for (const [name, column] of masks) column.push(true, ...(row.masks[name] ?? NOWHERE));
    labels?.push(row.label);
    for (const box of row.boxes) boxes?.push(box);
    boxes?.row();
    if (++rows % TURN === 0) await setImmediate(); // Lets Ctrl-C and timers through.
  }
  return {
    rows,
    image: image.done(),
    masks: Object.fromEntries(masks.map(([name, column]) => [name, column.done()])),
    ...(labels && { labels: labels.done() }),
    ...(boxes && { boxes: boxes.done() }),
    problems,
    passed: [...passed].sort(),
  };
}

const NOWHERE: Place = [0, 0];
const NOTHING: Row = { image: NOWHERE, masks: {}, boxes: [] };
const SIDES = ['xmin', 'ymin', 'xmax', 'ymax'] as const;

function readNames({ image, label, masks, boxes }: RecordOptions): ReadonlySet<string> {
  const ofBoxes = boxes ? [...SIDES.map((side) => boxes.prefix + side), boxes.label] : [];
  return new Set([image, ...(label === false ? [] : [label]), ...Object.values(masks), ...ofBoxes]);
}

/** A record as a row, or why it is none. */
function rowOf(
  { data, offset, fault }: TfRecord,
  options: RecordOptions,
  seen: (name: string) => void,
): Row | string {
  if (!data) return fault ?? 'it is empty';
  let features: Features;
  try {
    features = readExample(data);
  } catch (error) {
    return `it is no tf.train.Example (${messageOf(error)}); write it again`;
  }
  for (const name of features.keys()) seen(name);
  try {
    const place = (name: string): Place | undefined => {
      const bytes = one(features, name, 'bytes');
      return bytes instanceof Uint8Array && bytes.length > 0
        ? [offset + bytes.byteOffset - data.byteOffset, bytes.length]
        : undefined;
    };
    const image = place(options.image);
    if (!image) {
      const names = [...features.keys()].map(show).slice(0, 12).join(', ') || 'none';
      return `it has no image in '${options.image}'; its features are ${names}; give image`;
    }
    const masks = Object.entries(options.masks).flatMap(([name, feature]): [string, Place][] => {
      const mask = place(feature);
      return mask ? [[name, mask]] : [];
    });
    const label = options.label === false ? undefined : labelOf(features, options.label, options.firstLabel);
    return {
      image,
      masks: Object.fromEntries(masks),
      ...(label !== undefined && { label }),
      boxes: options.boxes ? boxesOf(features, options.boxes) : [],
    };
  } catch (error) {
    return messageOf(error);
  }
}

/** The only value of a feature; undefined where there is none. Throws where there are several, or of another kind. */
function one(features: Features, name: string, kind?: Feature['kind']): number | Uint8Array | undefined {
  const feature = features.get(name);
  if (!feature || feature.values.length === 0) return undefined;
  if (feature.values.length > 1)
    throw new Error(`its feature '${name}' has ${feature.values.length} values; one is expected`);
  if (kind && feature.kind !== kind)
    throw new Error(`its feature '${name}' holds ${feature.kind}, not ${kind}; fix it`);
  return feature.values[0];
}

const text = new TextDecoder();
const plain = (value: number | Uint8Array, first: number): number | string =>
  typeof value === 'number' ? value - first : text.decode(value);

/** A class, a name, or a distribution where there are several floats. */
function labelOf(features: Features, name: string, first: number): RawLabel | undefined {
  const feature = features.get(name);
  if (feature?.kind === 'float' && feature.values.length > 1) return feature.values;
  const value = one(features, name);
  return value === undefined ? undefined : plain(value, first);
}

/** Boxes as shares of the sides: a list for each side, and one of labels. */
function boxesOf(
  features: Features,
  { prefix, label, firstLabel }: NonNullable<RecordOptions['boxes']>,
): Row['boxes'] {
  const sides = SIDES.map((side) => {
    const feature = features.get(prefix + side);
    if (feature && feature.kind !== 'float' && feature.kind !== 'none')
      throw new Error(`its feature '${prefix}${side}' holds ${feature.kind}, not floats; fix it`);
    return (feature?.values ?? []) as readonly number[];
  });
  const labels: readonly (number | Uint8Array)[] = features.get(label)?.values ?? [];
  const count = sides[0]?.length ?? 0;
  if (sides.some((side) => side.length !== count) || labels.length !== count) {
    const counts = [...sides, labels].map(({ length }) => length).join(', ');
    throw new Error(
      `its boxes have ${counts} values of ${SIDES.join(', ')} and labels; give each box all of them`,
    );
  }
  return labels.map((value, i) => ({
    box: sides.map((side) => side[i] as number),
    label: plain(value, firstLabel),
  }));
}
