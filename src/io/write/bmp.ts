/** RGB pixels as BMP: without loss, and nothing to compute. */

const HEAD = 54;

/** uint8 [H, W, 3] → 24 bits a pixel, rows from below, each padded to four bytes. */
export function bmpOf({
  data,
  width,
  height,
}: {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}): Buffer {
  const row = (3 * width + 3) & ~3;
  const file = Buffer.alloc(HEAD + row * height);
  file.write('BM', 0, 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(HEAD, 10);
  file.writeUInt32LE(40, 14); // of the header that follows
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.writeUInt32LE(row * height, 34);
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0, to = HEAD + row * (height - 1 - y); x < width; x++, from += 3, to += 3) {
      file[to] = data[from + 2] as number;
      file[to + 1] = data[from + 1] as number;
      file[to + 2] = data[from] as number;
    }
  return file;
}
