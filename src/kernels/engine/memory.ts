/**
 * Regions of the kernels' memory. Each has a name and grows on demand. Growing loses its contents and invalidates all
 * earlier addresses and views of it.
 */
import type { Address, Kernels } from './module.js';

/** The first page belongs to the kernels. */
const FIRST = 65536;
const PAGE = 65536;
/** Bytes behind a run that kernels may read and write. */
const SLACK = 64;

export class Regions {
  private readonly regions = new Map<string, { at: Address; bytes: number }>();
  private top = FIRST;
  private view: Uint8Array;

  constructor(private readonly memory: Kernels['memory']) {
    this.view = new Uint8Array(memory.buffer);
  }

  /** The address of a region of at least so many bytes, 16-byte aligned. */
  at(name: string, bytes: number): Address {
    const kept = this.regions.get(name);
    if (kept && kept.bytes >= bytes) return kept.at;
    const size = 2 ** Math.ceil(Math.log2(bytes + SLACK));
    const region = { at: this.top, bytes: size - SLACK };
    this.top += size;
    const pages = Math.ceil(this.top / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) this.memory.grow(pages);
    this.regions.set(name, region);
    return region.at;
  }

  /** All of the memory; a new object after it has grown. */
  get bytes(): Uint8Array {
    if (this.view.buffer !== this.memory.buffer) this.view = new Uint8Array(this.memory.buffer);
    return this.view;
  }

  int32(at: Address, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, at, length);
  }

  int16(at: Address, length: number): Int16Array {
    return new Int16Array(this.memory.buffer, at, length);
  }

  float64(at: Address, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, at, length);
  }

  float32(at: Address, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }
}

/** An image in the kernels' memory. */
export interface Located {
  readonly at: Address;
  readonly width: number;
  readonly height: number;
}
