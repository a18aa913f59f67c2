/**
 * Synthetic photos and CIFAR shards: soft light, edges and grain from a seed. Their JPEG files take about as long to decode
 * as photos. Figures from them are comparable in one run, not with other images.
 */
import { Buffer } from 'node:buffer';

const PHOTOS = 60;
const SMALL = 2000;

export async function makePhotos(write) {
  const { default: sharp } = await import('sharp');
  for (let i = 0; i < PHOTOS; i++) {
    const [width, height] = i % 3 ? [500, 375] : [375, 500];
    const raw = { raw: { width, height, channels: 3 } };
    write(
      `photo-${String(i).padStart(3, '0')}.jpg`,
      await sharp(scene(width, height, i), raw)
        .jpeg({ quality: 90 })
        .toBuffer(),
    );
  }
}

export async function makeShard(write) {
  const { default: sharp } = await import('sharp');
  const blocks = [];
  for (let i = 0; i < SMALL; i++) {
    const image = sharp(scene(32, 32, i), { raw: { width: 32, height: 32, channels: 3 } });
    const name = `image-${String(i).padStart(5, '0')}`;
    blocks.push(...entry(`${name}.jpg`, await image.jpeg({ quality: 95 }).toBuffer()));
    blocks.push(...entry(`${name}.cls`, Buffer.from(String(i % 10))));
  }
  write('train-000.tar', Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** [H, W, 3]: waves of color, a few bright discs, grain. */
function scene(width, height, seed) {
  const random = mulberry32(seed + 1);
  const pixels = Buffer.alloc(width * height * 3);
  const waves = Array.from({ length: 9 }, () => [random() * 6 - 3, random() * 6 - 3, random() * 6.3]);
  const discs = Array.from({ length: 6 }, () => [random(), random(), random() * 0.2, random() * 120 - 60]);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      let light = 0;
      for (const [cx, cy, r, gain] of discs) if ((u - cx) ** 2 + (v - cy) ** 2 < r * r) light += gain;
      for (let c = 0; c < 3; c++) {
        let value = 128 + light + (random() - 0.5) * 24;
        for (let k = c; k < 9; k += 3)
          value += 25 * Math.sin(6.3 * (waves[k][0] * u + waves[k][1] * v) + waves[k][2]);
        pixels[at++] = Math.max(0, Math.min(255, value));
      }
    }
  }
  return pixels;
}

function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A file in a tar archive (ustar): header, content, padding to 512. */
function entry(name, content) {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
