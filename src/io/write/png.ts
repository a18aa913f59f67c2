/**
 * Gray PNG of ids by pixel: 8 bits, or 16 where an id needs them. Its bytes are those of Node's zlib, so they may differ from
 * version to version: for files that stay on this machine. What is published is written by `encodeMask`.
 */
import { constants, deflateSync } from 'node:zlib';
import { crc32 } from '../crc.js';

/** Masks are runs of one id: matched as such they pack smaller than at level 4, in a third of the time. */
const RUNS = { level: 1, strategy: constants.Z_RLE };

/** The first bytes of every PNG. */
export const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

/** [H, W] ids as the bytes of a file. */
export function pngOfIds(data: Uint8Array | Uint16Array, width: number, height: number): Buffer {
  const step = data instanceof Uint16Array ? 2 : 1;
  const raw = Buffer.alloc(height * (1 + step * width));
  for (let y = 0, at = 0; y < height; y++) {
    at++; // each row unfiltered: runs of one id pack well as they are
    if (data instanceof Uint16Array)
      for (let x = 0; x < width; x++, at += 2) raw.writeUInt16BE(data[y * width + x] as number, at);
    else {
      raw.set(data.subarray(y * width, (y + 1) * width), at);
      at += width;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8 * step;
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw, RUNS)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, 8 + data.length)), 8 + data.length);
  return out;
}
