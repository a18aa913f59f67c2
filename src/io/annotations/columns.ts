/** Columns that grow: what a reader keeps of millions of annotations, without an object for each. */

type Numbers = Float64Array | Uint32Array | Int32Array | Uint8Array;

/** A typed array that doubles when it is full. */
export class Column<T extends Numbers> {
  length = 0;

  constructor(private data: T) {}

  push(value: number): void {
    if (this.length === this.data.length) {
      const Kind = this.data.constructor as new (size: number) => T;
      const grown = new Kind(Math.max(64, 2 * this.length));
      grown.set(this.data);
      this.data = grown;
    }
    this.data[this.length++] = value;
  }

  at(i: number): number {
    return this.data[i] as number;
  }

  set(i: number, value: number): void {
    this.data[i] = value;
  }

  /** What was pushed, in memory of that size. */
  view(): T {
    return this.data.slice(0, this.length) as T;
  }
}

export const floats = () => new Column(new Float64Array(64));
export const counts = () => new Column(new Uint32Array(64));
export const bytes = () => new Column(new Uint8Array(64));

/** Texts end to end as UTF-8. */
export class TextColumn {
  private data = Buffer.alloc(1024);
  private used = 0;
  private readonly ends = floats();

  get length(): number {
    return this.ends.length;
  }

  push(text: string): void {
    const most = this.used + 3 * text.length;
    if (most > this.data.length) {
      const grown = Buffer.alloc(Math.max(most, 2 * this.data.length));
      this.data.copy(grown, 0, 0, this.used);
      this.data = grown;
    }
    this.used += this.data.write(text, this.used, 'utf8');
    this.ends.push(this.used);
  }

  at(i: number): string {
    return this.data.toString('utf8', i === 0 ? 0 : this.ends.at(i - 1), this.ends.at(i));
  }
}

/**
 * Rows by group: those of group g are `order[first[g]]` to `order[first[g + 1] - 1]`, in the order in which they came.
 * Rows of a group ≥ `groups` are in none.
 */
export function grouped(groupOf: (row: number) => number, rows: number, groups: number) {
  const first = new Uint32Array(groups + 1);
  for (let row = 0; row < rows; row++) {
    const group = groupOf(row);
    if (group < groups) first[group + 1] = (first[group + 1] as number) + 1;
  }
  for (let g = 0; g < groups; g++) first[g + 1] = (first[g + 1] as number) + (first[g] as number);
  const next = first.slice(0, groups);
  const order = new Uint32Array(first[groups] as number);
  for (let row = 0; row < rows; row++) {
    const group = groupOf(row);
    if (group >= groups) continue;
    order[next[group] as number] = row;
    next[group] = (next[group] as number) + 1;
  }
  return { first, order };
}
