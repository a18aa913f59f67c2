/** Width and height from the headers of PNG, GIF and WebP, before anything is decoded. */
import type { ImageFormat } from './sniff.js';

export interface Size {
  readonly width: number;
  readonly height: number;
  /** True where an EXIF block may turn the image, so that the upright size needs a closer look. */
  readonly turned: boolean;
}

/** The stored size, or undefined where the format is another or the header is cut short. */
export function sizeOf(b: Buffer, format: ImageFormat): Size | undefined {
  if (format === 'png') return png(b);
  if (format === 'gif') return b.length < 10 ? undefined : still(b.readUInt16LE(6), b.readUInt16LE(8));
  return format === 'webp' ? webp(b) : undefined;
}

function still(width: number, height: number): Size {
  return { width, height, turned: false };
}

function png(b: Buffer): Size | undefined {
  if (b.length < 33 || b.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  let turned = false;
  // Chunks: length, type, data, checksum. EXIF may stand anywhere before the pixels, or after them.
  for (let at = 33; at + 8 <= b.length && !turned; at += 12 + b.readUInt32BE(at)) {
    turned = b.toString('latin1', at + 4, at + 8) === 'eXIf';
  }
  return { width: b.readUInt32BE(16), height: b.readUInt32BE(20), turned };
}

/** RIFF container: `VP8 ` lossy, `VP8L` lossless, `VP8X` extended. */
function webp(b: Buffer): Size | undefined {
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
    turned: ((b[20] as number) & 8) !== 0,
  };
}
