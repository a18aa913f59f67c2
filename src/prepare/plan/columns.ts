/** Facts of many images in columns: some 60 bytes an image in place of some 600. */
import type { Facts } from '../scan/facts.js';

const HASH = 32;

/** Hashes that lie in one piece of memory, 16 MB: in Node 20 no piece may be longer than four gigabytes. */
const PIECE = 2 ** 19;

/** Hashes of any number of images; memory is taken as they come. */
class Hashes {
  private readonly pieces: Buffer[] = [];

  /** The bytes of hash i, to be read and written. */
  at(i: number): Buffer {
    const piece = Math.floor(i / PIECE);
    while (this.pieces.length <= piece) this.pieces.push(Buffer.alloc(HASH * PIECE));
    const from = HASH * (i % PIECE);
    return (this.pieces[piece] as Buffer).subarray(from, from + HASH);
  }
}

export class FactColumns {
  length = 0;
  private readonly index: Uint32Array;
  private readonly hash = new Hashes();
  private readonly maskHash = new Hashes();
  private readonly size: Float64Array;
  private readonly sides: Uint32Array;
  private readonly kind: Uint8Array;
  private readonly formats: Facts['format'][] = [];

  constructor(most: number) {
    this.index = new Uint32Array(most);
    this.size = new Float64Array(most);
    this.sides = new Uint32Array(2 * most);
    this.kind = new Uint8Array(most);
  }

  push({ index, sha256, masks, bytes, width, height, format, plain }: Facts): void {
    const at = this.length++;
    this.index[at] = index;
    this.hash.at(at).write(sha256, 'hex');
    this.size[at] = bytes;
    this.sides.set([width, height], 2 * at);
    let number = this.formats.indexOf(format);
    if (number < 0) number = this.formats.push(format) - 1;
    this.kind[at] = 4 * number + (masks ? 2 : 0) + (plain ? 1 : 0);
    if (masks) this.maskHash.at(at).write(masks, 'hex');
  }

  /** Place in the source. */
  source(i: number): number {
    return this.index[i] as number;
  }

  sha256(i: number): string {
    return this.hash.at(i).toString('hex');
  }

  /** Of its masks that lie in files. */
  masks(i: number): string | undefined {
    return (this.kind[i] as number) & 2 ? this.maskHash.at(i).toString('hex') : undefined;
  }

  /** The first digits of its hash as a number. */
  hash32(i: number): number {
    return this.hash.at(i).readUInt32LE(0);
  }

  /** Whether two images have the same hash. */
  sameBytes(a: number, b: number): boolean {
    return this.hash.at(a).equals(this.hash.at(b));
  }

  at(i: number): Omit<Facts, 'measures' | 'look'> {
    const kind = this.kind[i] as number;
    const masks = this.masks(i);
    return {
      index: this.source(i),
      sha256: this.sha256(i),
      ...(masks && { masks }),
      bytes: this.size[i] as number,
      width: this.sides[2 * i] as number,
      height: this.sides[2 * i + 1] as number,
      format: this.formats[kind >> 2] as Facts['format'],
      plain: (kind & 1) === 1,
    };
  }
}
