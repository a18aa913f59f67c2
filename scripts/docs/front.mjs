/** docs/front.webp: the picture of README, one photo and what seven transforms make of it. */
import path from 'node:path';
import sharp from 'sharp';
import { sceneFiles } from './scenes.mjs';

const SIDE = 176;

export async function writeFront(root) {
  const rxaug = await import(path.join(root, 'dist', 'index.js'));
  const { contactSheet } = await import(path.join(root, 'dist', 'report', 'contact-sheet.js'));
  const { augment } = rxaug;
  const transforms = [
    ['rotate(30)', rxaug.rotate(30)],
    ['colorJitter()', rxaug.colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.6, hue: 0.1 })],
    ['cutout(48)', rxaug.cutout({ size: 48, fill: 0 })],
    ['elastic()', rxaug.elastic({ p: 1, alpha: [0.025, 0.025] })],
    ['randomResizedCrop(176)', rxaug.randomResizedCrop({ size: SIDE, scale: [0.3, 0.3] })],
    ['fog()', rxaug.fog({ p: 1, strength: [0.6, 0.6] })],
    ['gridMask()', rxaug.gridMask({ p: 1, unit: [0.2, 0.2], keep: [0.5, 0.5] })],
  ];
  const photo = (await sceneFiles(SIDE))[FRONT];
  const pictures = [{ ...(await augment(photo, [])), caption: 'photo.jpg' }];
  for (const [i, [caption, transform]] of transforms.entries())
    pictures.push({ ...(await augment(photo, [transform], { seed: i + 1 })), caption });
  const { data, width, height } = contactSheet(pictures, { columns: 4, scale: 1, gap: 6 });
  const file = path.join(root, 'docs', 'front.webp');
  await sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 88 })
    .toFile(file);
}

/** The street: it has edges, color and depth. */
const FRONT = 2;
