/** Memory of batches, used again once a batch is disposed. One that is never disposed is left to the collector. */
export class Slots {
  private readonly free = new Map<number, SharedArrayBuffer[]>();
  private closed = false;

  take(bytes: number): SharedArrayBuffer {
    return this.free.get(bytes)?.pop() ?? new SharedArrayBuffer(bytes);
  }

  give(buffer: SharedArrayBuffer): void {
    if (this.closed) return;
    const kept = this.free.get(buffer.byteLength) ?? [];
    if (kept.length === 0) this.free.set(buffer.byteLength, kept);
    kept.push(buffer);
  }

  dispose(): void {
    this.closed = true;
    this.free.clear();
  }
}
