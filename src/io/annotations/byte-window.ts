/** A file through a window that moves forward: as much of it in memory as one value needs. */
import { closeSync, constants, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 20;
/** Opening a pipe without a writer must not block forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export class ByteWindow {
  /** Bytes `at` to `end` of it are not read yet by the user. */
  buffer = Buffer.allocUnsafeSlow(2 * CHUNK);
  at = 0;
  end = 0;
  /** Offset in the file of byte 0 of the buffer. */
  start = 0;
  /** Bytes from here on are kept when more are loaded; -1 for none before `at`. */
  mark = -1;
  private readonly fd: number;

  constructor(path: string) {
    this.fd = openSync(path, READ);
  }

  /** Loads more behind `end`; positions in the buffer may move with `at` and `mark`. False at the end of the file. */
  more(): boolean {
    const keep = this.mark >= 0 ? this.mark : this.at;
    if (keep > 0) {
      this.buffer.copyWithin(0, keep, this.end);
      this.start += keep;
      this.at -= keep;
      this.end -= keep;
      if (this.mark >= 0) this.mark -= keep;
    }
    if (this.buffer.length - this.end < CHUNK) {
      const grown = Buffer.allocUnsafeSlow(2 * this.buffer.length);
      this.buffer.copy(grown, 0, 0, this.end);
      this.buffer = grown;
    }
    const read = readSync(this.fd, this.buffer, this.end, CHUNK, this.start + this.end);
    this.end += read;
    return read > 0;
  }

  /** Memory for one long value is given back once it is read. */
  shrink(): void {
    if (this.buffer.length <= 8 * CHUNK || this.end - this.at > CHUNK) return;
    const small = Buffer.allocUnsafeSlow(2 * CHUNK);
    this.buffer.copy(small, 0, this.at, this.end);
    this.start += this.at;
    this.end -= this.at;
    this.at = 0;
    this.buffer = small;
  }

  close(): void {
    closeSync(this.fd);
  }
}
