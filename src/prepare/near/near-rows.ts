/** What is compared, and what comes of it. */

/** The images to compare, in columns. */
export interface NearRows {
  readonly length: number;
  /** Content hash of image i: equal ones are the same image without a look. It also decides all ties. */
  key(i: number): string;
  /** Its 32 × 32 gray levels; a view of one large array, for it is asked for often. */
  thumbnail(i: number): Uint8Array;
}

/** Pairs of images that look alike, in columns, most alike first. */
export interface Pairs {
  readonly length: number;
  readonly one: Uint32Array;
  readonly other: Uint32Array;
  /** 1 for the same bytes, else the correlation of their details. */
  readonly likeness: Float32Array;
}

/** Growing columns of pairs. */
export class PairList implements Pairs {
  length = 0;
  one = new Uint32Array(1024);
  other = new Uint32Array(1024);
  likeness = new Float32Array(1024);

  add(one: number, other: number, likeness: number): void {
    if (this.length === this.one.length) {
      this.one = grown(this.one, new Uint32Array(2 * this.length));
      this.other = grown(this.other, new Uint32Array(2 * this.length));
      this.likeness = grown(this.likeness, new Float32Array(2 * this.length));
    }
    this.one[this.length] = one;
    this.other[this.length] = other;
    this.likeness[this.length++] = likeness;
  }

  /** Its pairs in the order of `compare`, and no spare room. */
  sorted(compare: (a: number, b: number) => number): Pairs {
    const order = Uint32Array.from({ length: this.length }, (_, p) => p).sort(compare);
    return {
      length: this.length,
      one: order.map((p) => this.one[p] as number),
      other: order.map((p) => this.other[p] as number),
      likeness: Float32Array.from(order, (p) => this.likeness[p] as number),
    };
  }
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
