/**
 * Reads the header of a JPEG: size, components, coding, color and orientation.
 *
 * Reads marker segments up to the first scan (ITU-T T.81, annex B), as libjpeg finds them, into an object
 * that is used again, since every image of every epoch passes here.
 */

export class JpegHeader {
  width = 0;
  height = 0;
  components = 0;
  /** Bits a sample. */
  precision = 0;
  /** The frame marker: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, others exotic. */
  frame = 0;
  /** True where luma 1×1, 2×1, 1×2, 2×2, 4×1 or 1×4 and chroma 1×1: what the TurboJPEG API names. */
  usualSampling = false;
  /** Of an iMCU, in pixels, where the sampling is usual. */
  unitWidth = 8;
  unitHeight = 8;
  /** The Adobe color transform, −1 where there is none. */
  adobe = -1;
  /** EXIF orientation 1..8. */
  orientation = 1;
  hasProfile = false;
  /** Offsets of the color profile, if it is in one piece; else both 0. */
  profileStart = 0;
  profileEnd = 0;
  /** Sum of the 64 quantization steps of the first component: 64 at quality 100, 221 at 97, 3692 at 50. */
  steps = 0;
  /** Components in the first scan: fewer than `components` means that the whole image is buffered. */
  inFirstScan = 0;
  /** Where the entropy-coded data of the first scan begin. */
  scanStart = 0;
  /** By table number. */
  private readonly sums = new Int32Array(4);
  /** The quantization table of the first component. */
  private table = 0;

  /** Fills this object; returns what is wrong with the header, or an empty string. */
  read(b: Buffer): string {
    this.frame = 0;
    this.adobe = -1;
    this.orientation = 1;
    this.hasProfile = false;
    this.sums.fill(0);
    const end = b.length;
    let seenExif = false;
    let at = 2;
    for (;;) {
      // The next marker: 0xFF, any number of 0xFF, then a byte that is not 0.
      while (at < end && b[at] !== 0xff) at++;
      while (at < end && b[at] === 0xff) at++;
      if (at >= end) return 'it is cut short inside its header';
      const marker = b[at++] as number;
      if (marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
      if (marker === 0xd8 || marker === 0xd9) return 'its header is damaged';
      if (at + 2 > end) return 'it is cut short inside its header';
      const length = ((b[at] as number) << 8) | (b[at + 1] as number);
      if (length < 2) return 'its header is damaged';
      const next = at + length;
      if (next > end) return 'it is cut short inside its header';
      const body = at + 2;
      if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
        if (this.frame !== 0 || !this.readFrame(b, body, next)) return 'its header is damaged';
        this.frame = marker;
      } else if (marker === 0xda) {
        if (this.frame === 0 || next === body) return 'its header is damaged';
        this.inFirstScan = b[body] as number;
        this.scanStart = next;
        this.steps = this.sums[this.table] as number;
        return '';
      } else if (marker === 0xdb) {
        this.readTables(b, body, next);
      } else if (marker === 0xe1 && !seenExif && text(b, body, next, 'Exif\0\0')) {
        seenExif = true;
        this.orientation = orientationOf(b, body + 6, next);
      } else if (marker === 0xe2 && !this.hasProfile && text(b, body, next, 'ICC_PROFILE\0')) {
        this.hasProfile = true;
        // After the name: the number of this piece, and of how many.
        const whole = next - body > 14 && b[body + 13] === 1;
        this.profileStart = whole ? body + 14 : 0;
        this.profileEnd = whole ? next : 0;
      } else if (marker === 0xee && next - body >= 12 && text(b, body, next, 'Adobe')) {
        this.adobe = b[body + 11] as number;
      }
      at = next;
    }
  }

  private readFrame(b: Buffer, at: number, end: number): boolean {
    if (end - at < 6) return false;
    this.precision = b[at] as number;
    this.height = ((b[at + 1] as number) << 8) | (b[at + 2] as number);
    this.width = ((b[at + 3] as number) << 8) | (b[at + 4] as number);
    this.components = b[at + 5] as number;
    if (this.components === 0 || end - at < 6 + 3 * this.components) return false;
    const luma = b[at + 7] as number;
    this.table = (b[at + 8] as number) & 3;
    this.usualSampling = luma === 0x11 || luma === 0x21 || luma === 0x12 || luma === 0x22;
    this.usualSampling ||= luma === 0x41 || luma === 0x14;
    for (let i = 1; i < this.components; i++) this.usualSampling &&= b[at + 7 + 3 * i] === 0x11;
    if (this.components === 1) this.usualSampling = true;
    this.unitWidth = this.components === 1 ? 8 : 8 * (luma >> 4);
    this.unitHeight = this.components === 1 ? 8 : 8 * (luma & 15);
    return this.width > 0 && this.height > 0;
  }

  /** Quantization tables of 64 steps, of one byte each or two. */
  private readTables(b: Buffer, at: number, end: number): void {
    for (let next = at; next < end; ) {
      const kind = b[next++] as number;
      const step = kind < 16 ? 1 : 2;
      const last = next + 64 * step;
      if (last > end) return;
      let sum = 0;
      for (let i = next; i < last; i += step) {
        sum += step === 1 ? (b[i] as number) : ((b[i] as number) << 8) | (b[i + 1] as number);
      }
      this.sums[kind & 3] = sum;
      next = last;
    }
  }
}

/** Scans of a JPEG, each of which passes over the whole image: a few bytes can ask for very many. */
export function countScans(b: Buffer, header: JpegHeader): number {
  let scans = 1;
  for (let at = b.indexOf(SOS, header.scanStart); at !== -1; at = b.indexOf(SOS, at + 2)) scans++;
  return scans;
}

/** True where an end-of-image marker follows the scan's data. */
export function hasEnd(b: Buffer, header: JpegHeader): boolean {
  return b.indexOf(EOI, header.scanStart) !== -1;
}

const SOS = Buffer.from([0xff, 0xda]);
const EOI = Buffer.from([0xff, 0xd9]);

/** Tag 0x0112 in the first directory of the EXIF block in b[at..end), or 1. */
export function orientationOf(b: Buffer, at: number, end: number): number {
  if (end - at < 14) return 1;
  const little = b[at] === 0x49;
  const u16 = (i: number) =>
    little ? (b[i] as number) | ((b[i + 1] as number) << 8) : ((b[i] as number) << 8) | (b[i + 1] as number);
  const u32 = (i: number) => (little ? u16(i) + u16(i + 2) * 65536 : u16(i) * 65536 + u16(i + 2));
  const directory = at + u32(at + 4);
  if (directory + 2 > end) return 1;
  const entries = u16(directory);
  for (let k = 0; k < entries; k++) {
    const entry = directory + 2 + 12 * k;
    if (entry + 12 > end) return 1;
    if (u16(entry) !== 0x0112) continue;
    const value = u16(entry + 2) === 4 ? u32(entry + 8) : u16(entry + 8); // a LONG where a SHORT belongs
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

function text(b: Buffer, at: number, end: number, expected: string): boolean {
  if (end - at < expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (b[at + i] !== expected.charCodeAt(i)) return false;
  return true;
}
