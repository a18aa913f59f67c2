/** Labels as they are written, row by row, in some nine bytes each: numbers, names, or distributions. */
import { RxaugError, show } from '../core/index.js';
import type { RawLabel } from './archive/shard-index.js';
import { MAX_UNNAMED, numbered } from './classes.js';
import { naturalOrder } from './problems.js';

const [MISSING, NUMBER, TEXT, LIST] = [0, 1, 2, 3];

/** A finished column: plain data, which a cache keeps. */
export interface RawColumn {
  readonly kinds: Uint8Array;
  /** The number, or the number of the name or of the distribution. */
  readonly values: Float64Array;
  readonly names: readonly string[];
  /** Where distribution i ends in `shares`. */
  readonly ends: Float64Array;
  readonly shares: Float64Array;
}

/** The label of a row; undefined where there is none. */
export function rawAt({ kinds, values, names, ends, shares }: RawColumn, i: number): RawLabel | undefined {
  const value = values[i] as number;
  switch (kinds[i]) {
    case NUMBER:
      return value;
    case TEXT:
      return names[value];
    case LIST:
      return [...shares.subarray(value > 0 ? ends[value - 1] : 0, ends[value])];
    default:
      return undefined;
  }
}

/** Numbers that grow without an object each. */
export class Numbers {
  private all = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.all.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.all);
      this.all = grown;
    }
    this.all[this.length++] = value;
  }

  at(i: number): number {
    return this.all[i] as number;
  }

  done(): Float64Array {
    return this.all.slice(0, this.length);
  }
}

export class RawColumnBuilder {
  private readonly kinds = new Numbers();
  private readonly values = new Numbers();
  private readonly places = new Map<string, number>();
  private readonly ends = new Numbers();
  private readonly shares = new Numbers();

  /** @param what names the column where it turns out to hold no labels */
  constructor(private readonly what: string) {}

  get length(): number {
    return this.kinds.length;
  }

  push(label: RawLabel | undefined): void {
    if (label === undefined) this.put(MISSING, 0);
    else if (typeof label === 'number') this.put(NUMBER, label);
    else if (typeof label === 'string') {
      const place = this.places.get(label) ?? this.places.size;
      if (place === MAX_UNNAMED) {
        throw new RxaugError(
          `${this.what} holds more than ${MAX_UNNAMED} different texts, such as ${show(label)}; give the column of the class names`,
        );
      }
      this.places.set(label, place);
      this.put(TEXT, place);
    } else {
      for (const share of label) this.shares.push(share);
      this.put(LIST, this.ends.length);
      this.ends.push(this.shares.length);
    }
  }

  done(): RawColumn {
    return {
      kinds: Uint8Array.from(this.kinds.done()),
      values: this.values.done(),
      names: [...this.places.keys()],
      ends: this.ends.done(),
      shares: this.shares.done(),
    };
  }

  private put(kind: number, value: number): void {
    this.kinds.push(kind);
    this.values.push(value);
  }
}

/**
 * The classes of columns without a list of names: the names that occur, in natural order, or the numbers 0..largest.
 *
 * @param fix what gives the names, for the error where some labels are names and some are numbers
 */
export function classesIn(owner: string, columns: readonly RawColumn[], fix: string): string[] {
  const names = new Set<string>();
  let largest = -1;
  let width = 0;
  for (const column of columns) {
    for (const name of column.names) names.add(name);
    for (let i = 0; i < column.kinds.length; i++) {
      const value = column.values[i] as number;
      if (column.kinds[i] === NUMBER && Number.isInteger(value) && value < MAX_UNNAMED)
        largest = Math.max(largest, value);
      else if (column.kinds[i] === LIST)
        width = Math.max(
          width,
          (column.ends[value] as number) - (value > 0 ? (column.ends[value - 1] as number) : 0),
        );
    }
  }
  if (names.size > 0 && largest >= 0) {
    throw new RxaugError(
      `${owner}: some labels are numbers and some are names, such as ${show([...names][0])}; ${fix}`,
    );
  }
  return names.size > 0 ? [...names].sort(naturalOrder) : numbered(Math.max(largest + 1, width, 1));
}
