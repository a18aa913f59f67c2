/** Small parts of a large file, one after another: read a window at a time. */
import { readSync } from 'node:fs';

const MOST = 256 << 10;

export class WindowReader {
  private buffer = Buffer.allocUnsafeSlow(MOST);
  private start = 0;
  private length = 0;

  /** @param step bytes to read where more than what is asked for will be needed soon */
  constructor(
    private readonly fd: number,
    readonly size: number,
    private readonly step: number,
  ) {}

  /**
   * The bytes, valid until the next call.
   *
   * @throws Error where the file ends before
   */
  at(offset: number, length: number): Buffer {
    if (offset < this.start || offset + length > this.start + this.length) this.fill(offset, length);
    return this.buffer.subarray(offset - this.start, offset - this.start + length);
  }

  private fill(offset: number, length: number): void {
    if (offset + length > this.size) throw new Error('it lies behind the end of the file');
    if (length > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(length);
    const target = Math.min(Math.max(length, Math.min(MOST, this.step)), this.size - offset);
    this.start = offset;
    this.length = 0;
    while (this.length < target) {
      const n = readSync(this.fd, this.buffer, this.length, target - this.length, offset + this.length);
      if (n === 0) break;
      this.length += n;
    }
    if (this.length < length) throw new Error('the file became shorter while it was read');
  }
}
