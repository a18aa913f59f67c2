/**
 * Memory of batches, reused once a batch is disposed. A batch that is never disposed is left to the garbage
 * collector, which does not count a SharedArrayBuffer: see `accountExternalMemory`.
 */
export class Slots {
  /** The oldest first. */
  private readonly free: SharedArrayBuffer[] = [];
  private readonly weights = new WeakMap<SharedArrayBuffer, ArrayBuffer>();
  private closed = false;

  /** Keeps at most `most` free buffers: batches of many sizes must not pile up. */
  constructor(private readonly most: number) {}

  /** A buffer of `bytes` bytes, and whether it is new. */
  take(bytes: number): { buffer: SharedArrayBuffer; fresh: boolean } {
    const at = this.free.findLastIndex(({ byteLength }) => byteLength === bytes);
    if (at >= 0) return { buffer: this.free.splice(at, 1)[0] as SharedArrayBuffer, fresh: false };
    const buffer = new SharedArrayBuffer(bytes);
    this.weights.set(buffer, accountExternalMemory(bytes));
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
 * it would let gigabytes of forgotten batches pile up. This makes an ArrayBuffer of the same size that is never
 * touched: V8 counts it, and the system gives it no memory. Every thread that receives new shared memory makes one.
 */
export function accountExternalMemory(bytes: number): ArrayBuffer {
  last = new ArrayBuffer(bytes);
  return last;
}
