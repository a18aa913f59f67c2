/** Writes a raster [H, W, 3] uint8 as a PNG; creates the folder if needed. */
import { replaceFile } from '../core/files/write-file.js';
import { encodeImage } from '../io/encode.js';

export async function writePng(file: string, raster: Parameters<typeof encodeImage>[0]): Promise<void> {
  replaceFile(file, await encodeImage(raster, 'png'));
}
