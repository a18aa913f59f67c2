/**
 * The records of a TFRecord file, one after another: the length in 8 bytes and its checksum, the data and theirs. Both
 * are CRC32C, rotated and shifted by a constant. A record is in memory while it is looked at, and no other.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { RxaugError } from '../../core/index.js';
import { crc32c } from '../crc.js';

const HEAD = 12;
const TAIL = 4;
/** Bytes read at once. */
const WINDOW = 1 << 20;
/** Records beyond this are passed over, each by a sentence. */
const LARGEST = 1 << 30;
/** Opening a pipe that no one writes to must not wait forever. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The checksum as it stands in the file: rotated right by 15 bits, and shifted. */
export function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export interface TfRecord {
  readonly index: number;
  /** Where its data begin in the file. */
  readonly offset: number;
  /** Valid until the next record; undefined where `fault` says why it cannot be used. */
  readonly data?: Buffer;
  readonly fault?: string;
}

export class RecordReader {
  private readonly fd: number;
  private readonly size: number;
  private window = Buffer.allocUnsafeSlow(WINDOW);
  private start = 0;
  private filled = 0;

  constructor(private readonly path: string) {
    this.fd = openSync(path, READ);
    const found = fstatSync(this.fd);
    this.size = found.size;
    if (found.isFile()) return;
    closeSync(this.fd);
    throw new RxaugError(
      `${path}: expected a file but found a folder, a pipe or a device; give a TFRecord file`,
    );
  }

  /** Whether the first bytes are a length and its checksum. */
  isPlain(): boolean {
    if (this.size < HEAD) return false;
    const head = this.at(0, HEAD);
    return masked(head.subarray(0, 8)) === head.readUInt32LE(8);
  }

  /** @param problem called where the file itself is at fault, and records are lost */
  *records(problem: (reason: string) => void): Generator<TfRecord> {
    const again = 'download or write it again';
    let at = 0;
    for (let index = 0; at < this.size; index++) {
      const rest = this.size - at;
      if (rest < HEAD) return problem(`it is cut short in the head of record ${index}; ${again}`);
      const head = this.at(at, HEAD);
      if (masked(head.subarray(0, 8)) !== head.readUInt32LE(8)) {
        const what = index === 0 ? 'it is no TFRecord file' : `the length of record ${index} is damaged`;
        return problem(`${what}, so its ${rest} bytes from byte ${at} on are lost; ${again}`);
      }
      const length = Number(head.readBigUInt64LE(0));
      const offset = at + HEAD;
      if (length > rest - HEAD - TAIL) return problem(`it is cut short inside record ${index}; ${again}`);
      at = offset + length + TAIL;
      if (length > LARGEST) {
        yield { index, offset, fault: `it has ${length} bytes, which are too many for an example; split it` };
        continue;
      }
      const all = this.at(offset, length + TAIL);
      const data = all.subarray(0, length);
      if (masked(data) === all.readUInt32LE(length)) yield { index, offset, data };
      else yield { index, offset, fault: `its checksum does not hold, so it is damaged; ${again}` };
    }
  }

  dispose(): void {
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The bytes [offset, offset + length), valid until the next read. */
  private at(offset: number, length: number): Buffer {
    if (offset < this.start || offset + length > this.start + this.filled) this.fill(offset, length);
    return this.window.subarray(offset - this.start, offset - this.start + length);
  }

  private fill(offset: number, length: number): void {
    // A large record has memory of its own, which is not kept.
    const room = Math.max(length, WINDOW);
    if (this.window.length !== room) this.window = Buffer.allocUnsafeSlow(room);
    const target = Math.min(room, this.size - offset);
    let done = 0;
    while (done < target) {
      const n = readSync(this.fd, this.window, done, target - done, offset + done);
      if (n === 0) break;
      done += n;
    }
    if (done < length) throw new RxaugError(`${this.path}: it became shorter while it was read; try again`);
    this.start = offset;
    this.filled = done;
  }
}
