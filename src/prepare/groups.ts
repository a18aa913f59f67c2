/** Which images belong together: equal bytes, relatives by the user's word, near-duplicates. */

/** Texts that a Map can hold, less one. */
const MOST_ENTRIES = 2 ** 24 - 1;

/** Disjoint sets of images, by union; the number of a set is that of its first image until `numbered`. */
export class Groups {
  private readonly parent: Uint32Array;

  constructor(readonly length: number) {
    this.parent = Uint32Array.from({ length }, (_, i) => i);
  }

  /** The first image of the set that holds image i. */
  find(i: number): number {
    const { parent } = this;
    let root = i;
    while (parent[root] !== root) root = parent[root] as number;
    for (let at = i; parent[at] !== root; ) {
      const next = parent[at] as number;
      parent[at] = root;
      at = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x !== y) this.parent[Math.max(x, y)] = Math.min(x, y);
  }

  /** Joins all images with the same text; undefined is alone. */
  joinBy(textOf: (i: number) => string | undefined): void {
    let last = new Map<string, number>();
    const full: Map<string, number>[] = [];
    for (let i = 0; i < this.length; i++) {
      const text = textOf(i);
      if (text === undefined) continue;
      const other = last.get(text) ?? full.find((one) => one.has(text))?.get(text);
      if (other !== undefined) this.join(other, i);
      else {
        if (last.size >= MOST_ENTRIES) {
          full.push(last);
          last = new Map();
        }
        last.set(text, i);
      }
    }
  }

  /** Joins all images with the same number, 0..length-1. */
  joinByNumber(numbers: Uint32Array): void {
    const first = new Uint32Array(this.length).fill(this.length);
    for (let i = 0; i < this.length; i++) {
      const number = numbers[i] as number;
      const other = first[number] as number;
      if (other === this.length) first[number] = i;
      else this.join(other, i);
    }
  }

  /**
   * Joins all images with the same content, as a table of places that are looked up by a hash of it: eight bytes an image.
   *
   * @param hashOf evenly distributed, 0..2³²-1
   */
  joinEqual(hashOf: (i: number) => number, same: (a: number, b: number) => boolean): void {
    const size = 2 ** Math.ceil(Math.log2(2 * this.length + 1));
    const table = new Uint32Array(size);
    for (let i = 0; i < this.length; i++) {
      let at = hashOf(i) % size;
      while (table[at] !== 0 && !same((table[at] as number) - 1, i)) at = (at + 1) % size;
      if (table[at] === 0) table[at] = i + 1;
      else this.join((table[at] as number) - 1, i);
    }
  }

  /** The set of each image, numbered without gaps in the order of their first images. */
  numbered(): Uint32Array {
    const group = new Uint32Array(this.length);
    let count = 0;
    for (let i = 0; i < this.length; i++) {
      const root = this.find(i);
      group[i] = root === i ? count++ : (group[root] as number);
    }
    return group;
  }
}

/** Images by group, of those with two and more. */
export function families(group: Uint32Array): Map<number, number[]> {
  const size = new Uint32Array(group.length);
  for (const g of group) size[g] = (size[g] as number) + 1;
  const found = new Map<number, number[]>();
  group.forEach((g, i) => {
    if ((size[g] as number) < 2) return;
    const list = found.get(g);
    if (list) list.push(i);
    else found.set(g, [i]);
  });
  return found;
}
