/** Boxes and keypoints of many images, in typed arrays: some 50 bytes each. */
import type { BoundingBox, BoxFormat, Keypoint } from '../core/index.js';
import { type LabelCheck, refused } from './classes.js';
import { Numbers, type RawColumn, RawColumnBuilder, rawAt } from './raw-column.js';

export interface RawBoxes {
  /** Where the boxes of row i end. */
  readonly ends: Float64Array;
  /** Four numbers each. */
  readonly boxes: Float64Array;
  readonly labels: RawColumn;
  /** NaN where a box has none; absent where no box has one. */
  readonly instances?: Float64Array;
  readonly visible?: Float64Array;
  /** Boxes that were dropped because they have no area or are no numbers. */
  readonly dropped: number;
  /** The row of the first of them. */
  readonly firstDropped: number;
}

export interface RawBox {
  readonly box: readonly number[];
  readonly label: number | string | undefined;
  readonly instance?: number;
  readonly visible?: number;
}

/** Whether a box has an area, as its format has it. */
export function hasArea([a = 0, b = 0, c = 0, d = 0]: readonly number[], format: BoxFormat): boolean {
  const [width, height] = format === 'voc' || format === 'normalized' ? [c - a, d - b] : [c, d];
  return [a, b, c, d].every(Number.isFinite) && width > 0 && height > 0;
}

export class RawBoxesBuilder {
  private readonly ends = new Numbers();
  private readonly boxes = new Numbers();
  private readonly labels: RawColumnBuilder;
  private readonly instances = new Numbers();
  private readonly visible = new Numbers();
  private dropped = 0;
  private firstDropped = -1;

  constructor(
    what: string,
    private readonly format: BoxFormat,
  ) {
    this.labels = new RawColumnBuilder(what);
  }

  /** A box of the row that `row()` will end. Without an area it is dropped, and counted. */
  push({ box, label, instance, visible }: RawBox): void {
    if (box.length !== 4 || !hasArea(box, this.format)) {
      if (this.dropped++ === 0) this.firstDropped = this.ends.length;
      return;
    }
    for (const value of box) this.boxes.push(value);
    this.labels.push(label);
    this.instances.push(instance ?? Number.NaN);
    this.visible.push(visible ?? Number.NaN);
  }

  row(): void {
    this.ends.push(this.labels.length);
  }

  done(): RawBoxes {
    const some = (numbers: Numbers) => {
      const all = numbers.done();
      return all.some((value) => !Number.isNaN(value)) ? all : undefined;
    };
    const [instances, visible] = [some(this.instances), some(this.visible)];
    return {
      ends: this.ends.done(),
      boxes: this.boxes.done(),
      labels: this.labels.done(),
      ...(instances && { instances }),
      ...(visible && { visible }),
      dropped: this.dropped,
      firstDropped: this.firstDropped,
    };
  }
}

/** The boxes of a row. Those whose label is no class are left out: `badBoxLabels` counts them. */
export function boxesAt(raw: RawBoxes, row: number, check: LabelCheck): BoundingBox[] {
  const items: BoundingBox[] = [];
  for (let i = row > 0 ? (raw.ends[row - 1] as number) : 0; i < (raw.ends[row] as number); i++) {
    const label = boxLabel(raw, i, check);
    if (typeof label !== 'number') continue;
    const [a = 0, b = 0, c = 0, d = 0] = raw.boxes.subarray(4 * i, 4 * i + 4);
    const instance = raw.instances?.[i] ?? Number.NaN;
    const visible = raw.visible?.[i] ?? Number.NaN;
    items.push({
      box: [a, b, c, d],
      label,
      ...(!Number.isNaN(instance) && { instance }),
      ...(!Number.isNaN(visible) && { visible }),
    });
  }
  return items;
}

/** How many boxes have a label that is no class, and why the first has none. */
export function badBoxLabels(
  raw: RawBoxes,
  check: LabelCheck,
): { count: number; first?: string; row: number } {
  let count = 0;
  let first: string | undefined;
  let row = 0;
  for (let i = 0; i < raw.labels.kinds.length; i++) {
    const label = boxLabel(raw, i, check);
    if (typeof label === 'number') continue;
    if (count++ === 0) {
      first = label;
      row = raw.ends.findIndex((end) => i < end);
    }
  }
  return { count, row, ...(first !== undefined && { first }) };
}

function boxLabel(raw: RawBoxes, i: number, check: LabelCheck): number | string {
  const label = rawAt(raw.labels, i);
  if (label === undefined) return 'it has no label; give it one';
  const checked = check.check(label);
  if (typeof checked === 'number') return checked;
  return refused(checked) ? checked.reason : 'its label is a distribution; give a class';
}

export interface RawKeypoints {
  readonly ends: Float64Array;
  /** x and y of each. */
  readonly places: Float64Array;
  readonly names: RawColumn;
  /** NaN where there is none. */
  readonly instances: Float64Array;
  /** 0 or 1; NaN where it is not said. */
  readonly visible: Float64Array;
}

export class RawKeypointsBuilder {
  private readonly ends = new Numbers();
  private readonly places = new Numbers();
  private readonly names: RawColumnBuilder;
  private readonly instances = new Numbers();
  private readonly visible = new Numbers();

  constructor(what: string) {
    this.names = new RawColumnBuilder(what);
  }

  push({ x, y, name, instance, visible }: Keypoint): void {
    this.places.push(x);
    this.places.push(y);
    this.names.push(name);
    this.instances.push(instance ?? Number.NaN);
    this.visible.push(visible === undefined ? Number.NaN : Number(visible));
  }

  row(): void {
    this.ends.push(this.names.length);
  }

  done(): RawKeypoints {
    return {
      ends: this.ends.done(),
      places: this.places.done(),
      names: this.names.done(),
      instances: this.instances.done(),
      visible: this.visible.done(),
    };
  }
}

export function keypointsAt(raw: RawKeypoints, row: number): Keypoint[] {
  const items: Keypoint[] = [];
  for (let i = row > 0 ? (raw.ends[row - 1] as number) : 0; i < (raw.ends[row] as number); i++) {
    const name = rawAt(raw.names, i);
    const instance = raw.instances[i] as number;
    const visible = raw.visible[i] as number;
    items.push({
      x: raw.places[2 * i] as number,
      y: raw.places[2 * i + 1] as number,
      ...(typeof name === 'string' && { name }),
      ...(!Number.isNaN(instance) && { instance }),
      ...(!Number.isNaN(visible) && { visible: visible > 0 }),
    });
  }
  return items;
}
