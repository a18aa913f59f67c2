/** Reads the headers of PNG, GIF, WebP and TIFF before anything is decoded. */
import type { Known } from './decode-sharp.js';
import { swapsSides } from './orient.js';
import type { ImageFormat } from './sniff.js';
import { readTiff } from './tiff-header.js';

export interface Header {
  readonly width: number;
  readonly height: number;
  /** True where this is the upright size of the decoded image; else a closer look may give another. */
  readonly sure: boolean;
  /** Why it is refused, after the name of the format, with the way out. */
  readonly fault?: string;
  readonly known?: Known;
}

/** The header, or undefined where the format is another or the header is cut short. */
export function headerOf(b: Buffer, format: ImageFormat): Header | undefined {
  if (format === 'png') return png(b);
  if (format === 'gif') return gif(b);
  if (format === 'tiff') return tiff(b);
  return format === 'webp' ? webp(b) : undefined;
}

function still(width: number, height: number): Header {
  return { width, height, sure: true };
}

/** The screen: libvips grows it to hold its frames, and takes some common and large ones for wrong. */
function gif(b: Buffer): Header | undefined {
  return b.length < 10 ? undefined : { width: b.readUInt16LE(6), height: b.readUInt16LE(8), sure: false };
}

function png(b: Buffer): Header | undefined {
  if (b.length < 33 || b.readUInt32BE(12) !== IHDR) return undefined;
  let turned = false;
  // Chunks: length, type, data, checksum. EXIF may stand anywhere before the pixels, or after them.
  for (let at = 33; at + 8 <= b.length && !turned; at += 12 + b.readUInt32BE(at)) {
    turned = b.readUInt32BE(at + 4) === EXIF;
  }
  return { width: b.readUInt32BE(16), height: b.readUInt32BE(20), sure: !turned };
}

const IHDR = 0x49484452;
const EXIF = 0x65584966;

/** RIFF container: `VP8 ` lossy, `VP8L` lossless, `VP8X` extended. */
function webp(b: Buffer): Header | undefined {
  if (b.length < 30) return undefined;
  const kind = b.toString('latin1', 12, 16);
  if (kind === 'VP8 ') return still(b.readUInt16LE(26) & 0x3fff, b.readUInt16LE(28) & 0x3fff);
  if (kind === 'VP8L') {
    const bits = b.readUInt32LE(21);
    return still(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
  }
  if (kind !== 'VP8X') return undefined;
  return {
    width: 1 + b.readUIntLE(24, 3),
    height: 1 + b.readUIntLE(27, 3),
    sure: ((b[20] as number) & 8) === 0,
  };
}

function tiff(b: Buffer): Header {
  const header = readTiff(b);
  if (!header) {
    return {
      width: 1,
      height: 1,
      sure: false,
      fault: 'has a damaged header; restore the image or remove it',
    };
  }
  const { width, height, orientation, fault, cmyk, ycbcr } = header;
  const [w, h] = swapsSides(orientation) ? [height, width] : [width, height];
  return { width: w, height: h, sure: true, fault, known: { cmyk, ycbcr } };
}
