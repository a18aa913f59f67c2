/**
 * Memory that is used again from batch to batch. New arrays of a batch's size, thrown away at once, would make
 * the garbage collector work more than the rest of a stage.
 */
export class BufferPool {
  private readonly free: Float32Array[] = [];

  /** `use` may keep nothing of the buffer: it is another's afterwards. */
  async lend<T>(length: number, use: (buffer: Float32Array) => Promise<T>): Promise<T> {
    const at = this.free.findIndex((buffer) => buffer.length >= length);
    const buffer = at < 0 ? new Float32Array(length) : (this.free.splice(at, 1)[0] as Float32Array);
    try {
      return await use(buffer.subarray(0, length));
    } finally {
      this.free.push(buffer);
      // The largest are kept: a share that grows would outgrow the first ones.
      this.free.sort((a, b) => a.length - b.length).splice(0, this.free.length - AT_ONCE);
    }
  }
}

/** As many as a stage has in hand. */
const AT_ONCE = 2;
