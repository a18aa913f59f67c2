/**
 * Memory of batches, used again once a batch is disposed. One that is never disposed is left to the
 * collector, which does not know what a SharedArrayBuffer weighs: see `weigh`.
 */
export class Slots {
  /** The oldest first. */
  private readonly free: SharedArrayBuffer[] = [];
  private readonly weights = new WeakMap<SharedArrayBuffer, ArrayBuffer>();
  private closed = false;

  /** Keeps so many at most: batches of many sizes must not pile up. */
  constructor(private readonly most: number) {}

  /** Memory of so many bytes, and whether it is new. */
  take(bytes: number): { buffer: SharedArrayBuffer; fresh: boolean } {
    const at = this.free.findLastIndex(({ byteLength }) => byteLength === bytes);
    if (at >= 0) return { buffer: this.free.splice(at, 1)[0] as SharedArrayBuffer, fresh: false };
    const buffer = new SharedArrayBuffer(bytes);
    this.weights.set(buffer, weigh(bytes));
    return { buffer, fresh: true };
  }

  give(buffer: SharedArrayBuffer): void {
    if (this.closed) return;
    this.free.push(buffer);
    if (this.free.length > this.most) this.free.shift();
  }

  dispose(): void {
    this.closed = true;
    this.free.length = 0;
  }
}

let last: ArrayBuffer | undefined;

/**
 * V8 counts the bytes of an ArrayBuffer towards its next collection, but not those of a SharedArrayBuffer:
 * gigabytes of forgotten batches would not trouble it. This is an ArrayBuffer of the same size that is never
 * touched, so that the system never gives it memory, only V8 its weight. Every thread that sees new shared
 * memory makes one.
 */
export function weigh(bytes: number): ArrayBuffer {
  last = new ArrayBuffer(bytes);
  return last;
}
