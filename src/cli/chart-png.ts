/** A chart as a PNG file: sharp draws its lines, the pixel font its words. */
import { dirname } from 'node:path';
import sharp from 'sharp';
import { messageOf, RxaugError } from '../core/index.js';
import { makeFolder } from '../core/make-folder.js';
import { type Chart, TEXT_SCALE } from '../report/chart.js';
import { drawText } from '../report/pixel-font.js';

export async function writeChart(file: string, { svg, width, height, texts }: Chart): Promise<void> {
  const data = new Uint8Array(await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer());
  for (const { text, x, y, ink } of texts) drawText({ data, width }, text, x, y, ink, TEXT_SCALE);
  try {
    makeFolder(dirname(file));
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(file);
  } catch (error) {
    throw new RxaugError(`${file}: cannot be written (${messageOf(error)}); choose another with --out`);
  }
}
