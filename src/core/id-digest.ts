/**
 * A running digest of the ids of samples in their order, by which a resumed stream proves that it emitted the
 * same samples before. 64 bits, two 32-bit lanes (FNV-1a, and the same with another prime); not cryptographic. It costs
 * some nanoseconds per character, negligible next to an image.
 */
export class IdDigest {
  private a = 0x811c9dc5 | 0;
  private b = 0x9747b28c | 0;

  add(id: string): void {
    let { a, b } = this;
    for (let i = 0; i < id.length; i++) {
      const unit = id.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x5bd1e995);
    }
    // A separator: 'ab', 'c' must not equal 'a', 'bc'. No UTF-16 code unit is this large.
    this.a = Math.imul(a ^ 0x10000, 0x01000193);
    this.b = Math.imul(b ^ 0x10000, 0x5bd1e995) ^ (b >>> 15);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
    return hex(this.a) + hex(this.b);
  }
}
