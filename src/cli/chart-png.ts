/** A chart as a PNG file: sharp draws its lines, the pixel font its words. */
import sharp from 'sharp';
import { writePng } from '../pipeline/write-png.js';
import { type Chart, TEXT_SCALE } from '../report/chart.js';
import { drawText } from '../report/pixel-font.js';

export async function writeChart(file: string, { svg, width, height, texts }: Chart): Promise<void> {
  const data = new Uint8Array(await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer());
  for (const { text, x, y, ink } of texts) drawText({ data, width }, text, x, y, ink, TEXT_SCALE);
  await writePng(file, { data, width, height });
}
