/** Memory of batches, used again once a batch is disposed. One that is never disposed is left to the collector. */
export class Slots {
  /** The oldest first. */
  private readonly free: SharedArrayBuffer[] = [];
  private closed = false;

  /** Keeps so many at most: batches of many sizes must not pile up. */
  constructor(private readonly most: number) {}

  take(bytes: number): SharedArrayBuffer {
    const at = this.free.findLastIndex(({ byteLength }) => byteLength === bytes);
    return at < 0 ? new SharedArrayBuffer(bytes) : (this.free.splice(at, 1)[0] as SharedArrayBuffer);
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
