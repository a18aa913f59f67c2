/** What an MDS shard holds, column by column: places of images, labels, keys and targets. Pixels stay in the file. */
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { messageOf, RxaugError } from '../../core/index.js';
import type { RawLabel } from '../archive/shard-index.js';
import { Numbers, type RawColumn, RawColumnBuilder } from '../raw-column.js';
import type { Roles } from './columns.js';
import type { MdsShardInfo } from './index-file.js';
import { SampleTargets } from './sample-targets.js';
import { labelOf, pilHead } from './values.js';
import { WindowReader } from './window.js';

export interface MdsShard {
  readonly count: number;
  /** Number in the shard, place and length of each sample's image. */
  readonly numbers: Float64Array;
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  /** Of raw images: width, height and channels, three each. */
  readonly shapes?: Float64Array;
  readonly labels?: RawColumn;
  readonly keys: (i: number) => string | undefined;
  readonly targets: SampleTargets;
  /** Number of the sample (-1: the shard), and why it cannot be used. */
  readonly problems: readonly (readonly [number, string])[];
}

/** A label, key or list of targets of more bytes is none. */
const MOST_VALUE = 16 << 20;
/** Samples of a shard that are named where they cannot be used; further ones are counted. */
const NAMED = 100;

export function scanShard(path: string, info: MdsShardInfo, roles: Roles): MdsShard {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size } = fstatSync(fd);
    return new Scan(fd, size, info, roles).run();
  } finally {
    closeSync(fd);
  }
}

class Scan {
  private readonly window: WindowReader;
  private readonly table: Buffer;
  private readonly problems: [number, string][] = [];
  private readonly numbers = new Numbers();
  private readonly offsets = new Numbers();
  private readonly lengths = new Numbers();
  private readonly shapes = new Numbers();
  private readonly labels = new RawColumnBuilder('its label');
  private readonly keys: string[] = [];
  private readonly targets: SampleTargets;
  private left = 0;

  constructor(
    fd: number,
    private readonly size: number,
    private readonly info: MdsShardInfo,
    private readonly roles: Roles,
  ) {
    const { samples, raw_data } = info;
    if (size !== raw_data.bytes)
      this.problems.push([
        -1,
        `it has ${size} bytes, not the ${raw_data.bytes} of its index; download it again`,
      ]);
    const table = 4 * (samples + 2);
    if (table > size) throw new Error('it is too short for its samples');
    // Of small images many are read at once, of large ones little more than their heads.
    this.window = new WindowReader(fd, size, size / Math.max(1, samples) < 32 << 10 ? 256 << 10 : 1 << 10);
    this.table = Buffer.from(this.window.at(0, table));
    if (this.table.readUInt32LE(0) !== samples)
      throw new Error(`it holds ${this.table.readUInt32LE(0)} samples, not the ${samples} of its index`);
    this.targets = new SampleTargets([...roles.masks.keys()]);
  }

  run(): MdsShard {
    const { samples, column_encodings: encodings } = this.info;
    const { image, label } = this.roles;
    for (let i = 0; i < samples; i++) {
      try {
        this.sample(i);
      } catch (error) {
        if (error instanceof RxaugError) throw error; // no class names at all
        if (this.left++ < NAMED)
          this.problems.push([i, `${messageOf(error)}; write or download the shard again`]);
      }
    }
    if (this.left > NAMED)
      this.problems.push([
        -1,
        `${this.left - NAMED} samples more cannot be read as the first ${NAMED}; download it again`,
      ]);
    const { keys } = this;
    return {
      count: this.numbers.length,
      numbers: this.numbers.done(),
      offsets: this.offsets.done(),
      lengths: this.lengths.done(),
      ...(encodings[image] === 'pil' && { shapes: this.shapes.done() }),
      ...(label !== undefined && { labels: this.labels.done() }),
      keys: (k) => keys[k],
      targets: this.targets,
      problems: this.problems,
    };
  }

  /** All of a sample, or an error and nothing of it. */
  private sample(i: number): void {
    const { roles, info } = this;
    const [begin, end] = [this.table.readUInt32LE(4 * (i + 1)), this.table.readUInt32LE(4 * (i + 2))];
    const places = this.places(begin, end);
    const at = (c: number) => places[c] as readonly [number, number];
    const [offset, length] = at(roles.image);
    if (length === 0) throw new Error('it has no image');
    const pil = info.column_encodings[roles.image] === 'pil';
    const shape = pil ? pilHead(this.window.at(offset, Math.min(20, length)), length) : undefined;
    let label: RawLabel | undefined;
    if (roles.label !== undefined)
      label = labelOf(info.column_encodings[roles.label] as string, this.value(at(roles.label), 'label'));
    const key = roles.key === undefined ? '' : this.value(at(roles.key), 'key').toString('utf8');
    const json = (c: number | undefined, what: string) =>
      c === undefined ? undefined : Buffer.from(this.value(at(c), what));
    const masks = [...roles.masks.values()].map(at);
    this.targets.push(json(roles.boxes, 'boxes'), json(roles.keypoints, 'keypoints'), masks);
    this.numbers.push(i);
    this.offsets.push(offset + (shape?.at ?? 0));
    this.lengths.push(length);
    if (shape) for (const side of [shape.width, shape.height, shape.channels]) this.shapes.push(side);
    this.labels.push(label);
    if (roles.key !== undefined) this.keys.push(key);
  }

  /** Place and length of each column's value. */
  private places(begin: number, end: number): [number, number][] {
    const { column_sizes: sizes } = this.info;
    // A fixed size of zero is none, as in Python's reader.
    const free = sizes.filter((size) => !size).length;
    if (begin < this.table.length || end > this.size || end - begin < 4 * free)
      throw new Error('it lies outside the file');
    const head = this.window.at(begin, 4 * free);
    let [at, f] = [begin + 4 * free, 0];
    const places = sizes.map((size): [number, number] => {
      const length = size || head.readUInt32LE(4 * f++);
      const start = at;
      at += length;
      return [start, length];
    });
    if (at !== end) throw new Error('its columns are longer or shorter than it is');
    return places;
  }

  private value([offset, length]: readonly [number, number], what: string): Buffer {
    if (length > MOST_VALUE) throw new Error(`the ${length} bytes of its ${what} are too many`);
    return this.window.at(offset, length);
  }
}
