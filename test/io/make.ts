/** Small images and files for the tests of this room. */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect } from 'vitest';
import type { ImageRef, MaskRef } from '../../src/core/index.js';

/** A smooth picture, different in every corner, [H, W, 3]. */
export function picture(width: number, height: number): Buffer {
  const data = Buffer.alloc(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 3 * (y * width + x);
      data[i] = Math.round((255 * x) / width);
      data[i + 1] = Math.round((255 * y) / height);
      data[i + 2] = Math.round(127 + 120 * Math.sin((x + 2 * y) / 9));
    }
  }
  return data;
}

export function image(width = 48, height = 40): ReturnType<typeof sharp> {
  return sharp(picture(width, height), { raw: { width, height, channels: 3 } });
}

/** A folder that is gone when the tests of the file are done. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rxaug-io-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The stored bytes of an image or mask. */
export function bytesOf(ref: ImageRef | MaskRef | undefined): Buffer {
  if (ref?.kind === 'file') return readFileSync(ref.path);
  if (ref?.kind !== 'range' && ref?.kind !== 'raw') throw new Error('a file or a range of one is expected');
  const length =
    ref.kind === 'range' ? ref.length : ref.width * ref.height * ref.channels * ((ref.bits ?? 8) / 8);
  const bytes = Buffer.alloc(length);
  const fd = openSync(ref.path, 'r');
  expect(readSync(fd, bytes, 0, length, ref.offset)).toBe(length);
  closeSync(fd);
  return bytes;
}

/** Largest and mean absolute difference. */
export function difference(a: Uint8Array, b: Uint8Array): { largest: number; mean: number } {
  if (a.length !== b.length) return { largest: 255, mean: 255 };
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs((a[i] as number) - (b[i] as number));
    largest = Math.max(largest, d);
    sum += d;
  }
  return { largest, mean: sum / a.length };
}

export interface RawEntry {
  name: string;
  data?: Uint8Array | string;
  type?: string;
  size?: number;
  link?: string;
  /** Changes the header before its checksum is written. */
  patch?: (header: Buffer) => void;
}

/** A tar archive with whatever headers a hostile hand would write. */
export function tarOf(entries: RawEntry[], end = true): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, data = '', type = '0', size, link = '', patch } of entries) {
    const bytes = Buffer.from(data as string);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100, 'utf8');
    header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100, 'latin1');
    header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\x0000000000000\0`, 124, 'latin1');
    header.write(`        ${type}`, 148, 'latin1');
    header.write(link, 157, 100, 'utf8');
    header.write('ustar\x0000', 257, 'latin1');
    patch?.(header);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  if (end) blocks.push(Buffer.alloc(1024));
  return Buffer.concat(blocks);
}
