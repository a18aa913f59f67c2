/**
 * The folder in which examples run, where they can read and write files by short names:
 *
 *     photo.jpg photo.png                    one image, 48×32
 *     photos/cat/0.png … photos/dog/3.png    two classes of four images each
 *     data/train-000.tar                     the same as a shard, with .cls files
 *     photos.csv                             the same as a table of paths, labels and splits
 *     coco voc yolo                          two images with a box each, in the layouts of annotation tools
 *
 * and those of `pixelFixtures`.
 *     data/insects.parquet insects.tfrecord  three classes, with boxes
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { pixelFixtures } from './pixel-fixtures.mjs';

const WIDTH = 48;
const HEIGHT = 32;

export async function fixtures() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-examples-'));
  const at = (...names) => path.join(folder, ...names);
  fs.mkdirSync(at('data'), { recursive: true });
  fs.writeFileSync(at('photo.jpg'), await picture(0).jpeg().toBuffer());
  fs.writeFileSync(at('photo.png'), await picture(0).png().toBuffer());
  const members = [];
  const images = [];
  for (const [label, name] of ['cat', 'dog'].entries()) {
    fs.mkdirSync(at('photos', name), { recursive: true });
    for (let i = 0; i < 4; i++) {
      const png = await picture(4 * label + i)
        .png()
        .toBuffer();
      fs.writeFileSync(at('photos', name, `${i}.png`), png);
      images.push({
        png,
        label,
        pixels: await picture(4 * label + i)
          .raw()
          .toBuffer(),
      });
      members.push([`${name}-${i}.png`, png], [`${name}-${i}.cls`, Buffer.from(String(label))]);
    }
  }
  fs.writeFileSync(at('data', 'train-000.tar'), tar(members));
  await annotated(at);
  pixelFixtures(folder, images, WIDTH, HEIGHT);
  const golden = new URL('../../../test/golden/', import.meta.url);
  fs.copyFileSync(new URL('parquet/hf.parquet', golden), at('data', 'insects.parquet'));
  fs.copyFileSync(new URL('tfrecord/plain.tfrecord', golden), at('data', 'insects.tfrecord'));
  return folder;
}

/** Two images, the first with a cat and the second with a dog at [4, 5, 24, 25]. */
async function annotated(at) {
  const write = (name, content) => {
    fs.mkdirSync(path.dirname(at(name)), { recursive: true });
    fs.writeFileSync(at(name), content);
  };
  const names = ['cat', 'dog'];
  const rows = names.flatMap((name) => [0, 1, 2, 3].map((i) => `photos/${name}/${i}.png,${name},train`));
  write('photos.csv', `path,label,split\n${rows.join('\n')}\n`);
  const sides = { width: WIDTH, height: HEIGHT };
  const images = names.map((_, i) => ({ id: i + 1, file_name: `${i}.png`, ...sides }));
  const annotations = names.map((_, i) => ({
    id: i,
    image_id: i + 1,
    category_id: 7 * i,
    bbox: [4, 5, 20, 20],
  }));
  const categories = names.map((name, i) => ({ id: 7 * i, name }));
  write('coco/annotations.json', JSON.stringify({ images, annotations, categories }));
  write('yolo/data.yaml', `train: images/train\nnames: [${names.join(', ')}]\n`);
  for (const [i, name] of names.entries()) {
    const png = await picture(i).png().toBuffer();
    for (const folder of ['coco/images', 'voc/JPEGImages', 'yolo/images/train'])
      write(`${folder}/${i}.png`, png);
    write(`yolo/labels/train/${i}.txt`, `${i} ${14 / WIDTH} ${15 / HEIGHT} ${20 / WIDTH} ${20 / HEIGHT}\n`);
    const corners = '<xmin>5</xmin><ymin>6</ymin><xmax>24</xmax><ymax>25</ymax>';
    const size = `<size><width>${WIDTH}</width><height>${HEIGHT}</height></size>`;
    const object = `<object><name>${name}</name><bndbox>${corners}</bndbox></object>`;
    write(`voc/Annotations/${i}.xml`, `<annotation>${size}${object}</annotation>`);
  }
}

/** A gradient whose hue depends on `i`. */
function picture(i) {
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let y = 0, at = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++)
      for (const c of [0, 1, 2]) data[at++] = (5 * x + 3 * y * (c + 1) + 31 * i * (c + 2)) & 255;
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
}

function tar(members) {
  const blocks = members.flatMap(([name, data]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
