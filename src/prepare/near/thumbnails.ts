/** Thumbnails of many images in memory. */
import { SIDE } from '../measure/hashes.js';

/** Bytes of a thumbnail. */
export const LOOK = SIDE * SIDE;

/** Thumbnails of a block: one array for all would have to be allocated whole, and has an upper size. */
const BLOCK = 1 << 14;

/** A column of thumbnails of 32 × 32 gray levels, 1 KB each, that grows by blocks of 16 MB. */
export class Thumbnails {
  private readonly blocks: Uint8Array[] = [];
  length = 0;

  add(thumbnail: Uint8Array): void {
    const at = this.length++ % BLOCK;
    if (at === 0) this.blocks.push(new Uint8Array(LOOK * BLOCK));
    this.blocks.at(-1)?.set(thumbnail, LOOK * at);
  }

  /** A view of thumbnail i, uint8 [32, 32]. */
  at(i: number): Uint8Array {
    const block = this.blocks[Math.floor(i / BLOCK)];
    if (!block || i >= this.length) throw new RangeError(`there is no thumbnail ${i} among ${this.length}`);
    return block.subarray(LOOK * (i % BLOCK), LOOK * ((i % BLOCK) + 1));
  }
}
