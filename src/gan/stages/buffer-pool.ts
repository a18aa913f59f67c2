/**
 * Buffers that are reused from batch to batch. Allocating arrays of the size of a batch each time would cost more time in
 * the garbage collector than the rest of a stage.
 */
export class BufferPool {
  private readonly free: Float32Array[] = [];

  /** Lends a buffer to `use`, which must not keep it: the buffer is reused afterwards. */
  async lend<T>(length: number, use: (buffer: Float32Array) => Promise<T>): Promise<T> {
    const at = this.free.findIndex((buffer) => buffer.length >= length);
    const buffer = at < 0 ? new Float32Array(length) : (this.free.splice(at, 1)[0] as Float32Array);
    try {
      return await use(buffer.subarray(0, length));
    } finally {
      this.free.push(buffer);
      // Keeps the largest buffers: batches of a growing share need more memory later.
      this.free.sort((a, b) => a.length - b.length).splice(0, this.free.length - AT_ONCE);
    }
  }
}

/** As many buffers as a stage has batches in progress. */
const AT_ONCE = 2;
