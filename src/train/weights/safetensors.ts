/** A `.safetensors` file that is open: its tensors by name, each read when it is asked for. */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { fileReason } from '../../core/files/file-errors.js';
import { RxaugError, show } from '../../core/index.js';
import { numbersOfHalves } from '../../graph/infer/float16.js';
import { headerLength, PREFIX, parseHeader, type StoredEntry } from './safetensors-header.js';

/** Numbers that are read, to float32. */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => Float32Array>> = {
  F32: ({ buffer, byteOffset, length }) => new Float32Array(buffer as ArrayBuffer, byteOffset, length / 4),
  F16: ({ buffer, byteOffset, length }) =>
    numbersOfHalves(new Uint16Array(buffer as ArrayBuffer, byteOffset, length / 2)),
  BF16: ({ buffer, byteOffset, length }) => {
    const bits = Uint32Array.from(
      new Uint16Array(buffer as ArrayBuffer, byteOffset, length / 2),
      (half) => half << 16,
    );
    return new Float32Array(bits.buffer);
  },
};

/** Bytes of one read. */
const CHUNK = 8 * 2 ** 20;

/**
 * The tensors of a `.safetensors` file. Only the header is held in memory; a tensor is read when it is asked for. Whoever
 * opens it closes it.
 */
export class Safetensors {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    readonly entries: ReadonlyMap<string, StoredEntry>,
  ) {}

  /** @throws RxaugError where the file cannot be read, or anything in it contradicts anything else */
  static open(path: string): Safetensors {
    const refuse = (why: string) => new RxaugError(`weights ${path}: ${why}`);
    let descriptor: number | undefined;
    try {
      // Before opening: that of a pipe would wait for a writer.
      if (!statSync(path).isFile()) throw refuse('is no file; give the path of a .safetensors file');
      descriptor = openSync(path, constants.O_RDONLY);
      const { size } = fstatSync(descriptor);
      const first = bytesAt(descriptor, 0, Math.min(PREFIX, size));
      const length = headerLength(Buffer.from(first), size, refuse);
      const entries = parseHeader(bytesAt(descriptor, PREFIX, length), size, refuse);
      return new Safetensors(path, descriptor, new Map(entries.map((entry) => [entry.name, entry])));
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      if (error instanceof RxaugError) throw error;
      throw refuse(`cannot be read (${fileReason(error)}); check the path`);
    }
  }

  /** The numbers of a tensor, which must be F32, F16 or BF16 and finite. */
  read({ name, dtype, start, bytes }: StoredEntry): Float32Array {
    const refuse = (why: string) => new RxaugError(`weights ${this.path}: ${why}`);
    const reader = READERS[dtype];
    if (!reader) throw refuse(`has ${show(name)} as ${dtype}; save the weights as F32, F16 or BF16`);
    let numbers: Float32Array;
    try {
      numbers = reader(bytesAt(this.descriptor, start, bytes));
    } catch (error) {
      throw refuse(`${show(name)} cannot be read (${fileReason(error)}); fetch the file again`);
    }
    if (numbers.every(Number.isFinite)) return numbers;
    throw refuse(`holds a number that is not finite in ${show(name)}; fetch the file again`);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

function bytesAt(descriptor: number, start: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = readSync(descriptor, bytes, done, Math.min(CHUNK, length - done), start + done);
    if (read === 0) throw new Error('the file became shorter while it was read');
    done += read;
  }
  return bytes;
}
