/** A page of a Parquet file as it was before it was compressed: of the size that its header states, or none. */
import { brotliDecompressSync, unzipSync } from 'node:zlib';
import type { Hyparquet, MoreCompressors } from './library.js';

export interface Codecs {
  readonly hyparquet: Hyparquet;
  /** Present where a column of the file needs them. */
  readonly more?: MoreCompressors;
}

/** Codecs that need the package of compressors. */
export const NEEDS_MORE: ReadonlySet<string> = new Set(['ZSTD', 'LZ4', 'LZ4_RAW']);

/** Throws an Error with a clause for bytes that are damaged or of another size. */
export function decompress(bytes: Uint8Array, size: number, codec: string, codecs: Codecs): Uint8Array {
  if (codec === 'UNCOMPRESSED') return sized(bytes, size);
  if (size === 0) return new Uint8Array();
  const maxOutputLength = size;
  switch (codec) {
    case 'SNAPPY': {
      const out = new Uint8Array(size);
      codecs.hyparquet.snappyUncompress(bytes, out);
      return out;
    }
    case 'GZIP':
      return sized(unzipSync(bytes, { maxOutputLength }), size);
    case 'BROTLI':
      return sized(brotliDecompressSync(bytes, { maxOutputLength }), size);
    case 'LZ4':
      return sized(moreOf(codecs).decompressLz4(bytes, size), size);
    case 'LZ4_RAW':
      return sized(moreOf(codecs).decompressLz4Raw(bytes, size), size);
    case 'ZSTD':
      checkZstd(bytes, size);
      return sized(moreOf(codecs).decompressZstd(bytes, new Uint8Array(size)), size);
    default:
      throw new Error(`its compression ${codec} cannot be read`);
  }
}

function moreOf({ more }: Codecs): MoreCompressors {
  if (!more) throw new Error('its compression was not announced');
  return more;
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size)
    throw new Error(`a page has ${bytes.length} bytes where its header states ${size}`);
  return bytes;
}

/** One frame and nothing else, which states no other size: the decompressor believes what a frame says of itself. */
function checkZstd(bytes: Uint8Array, size: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[4] ?? 0;
  if (bytes.length < 9 || view.getUint32(0, true) !== 0xfd2fb528 || flags & 8)
    throw new Error('its zstd is damaged');
  const single = (flags >> 5) & 1;
  const dictionary = [0, 1, 2, 4][flags & 3] as number;
  const sizeBytes = flags >> 6 === 0 ? single : 1 << (flags >> 6);
  let at = 6 - single + dictionary;
  if (at + sizeBytes > bytes.length) throw new Error('its zstd is cut short');
  if (sizeBytes > 0) {
    const stated =
      sizeBytes === 8
        ? Number(view.getBigUint64(at, true))
        : sizeBytes === 4
          ? view.getUint32(at, true)
          : sizeBytes === 2
            ? view.getUint16(at, true) + 256
            : view.getUint8(at);
    if (stated !== size) throw new Error(`a page has ${stated} bytes where its header states ${size}`);
  }
  at += sizeBytes;
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) throw new Error('its zstd is cut short');
    const head = (bytes[at] as number) + (bytes[at + 1] as number) * 256 + (bytes[at + 2] as number) * 65_536;
    last = (head & 1) === 1;
    const kind = (head >> 1) & 3;
    if (kind === 3) throw new Error('its zstd is damaged');
    at += 3 + (kind === 1 ? 1 : head >> 3);
  }
  at += flags & 4 ? 4 : 0;
  if (at > bytes.length) throw new Error('its zstd is cut short');
  if (at < bytes.length) throw new Error('a page of it is several zstd frames, which cannot be read');
}
