/** Ids of a file, numbers or texts, as slots from 0 on in the order in which they are first met. */
export class Ids {
  private readonly slots = new Map<number | string, number>();

  get size(): number {
    return this.slots.size;
  }

  /** The slot of an id; undefined for a value that is none. */
  slot(id: unknown): number | undefined {
    if (!(typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)))) return undefined;
    const known = this.slots.get(id);
    if (known !== undefined) return known;
    this.slots.set(id, this.slots.size);
    return this.slots.size - 1;
  }

  /** All ids, in the order of their slots. */
  all(): (number | string)[] {
    return [...this.slots.keys()];
  }
}
