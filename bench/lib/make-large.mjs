/**
 * Photos of 12 megapixels as cameras write them (4:2:0, quality 90), made from a seed: noise whose spectrum falls with
 * the frequency as that of photos does, octave by octave; less of it in color than in light; and shapes with edges.
 */
import { Buffer } from 'node:buffer';

const PHOTOS = 8;
const LONG = 4000;
const SHORT = 3000;
/** Cell of the coarsest and of the finest octave, in pixels. */
const COARSEST = 1024;
const FINEST = 2;

export async function makeLarge(write, { photos = PHOTOS, long = LONG, short = SHORT } = {}) {
  const { default: sharp } = await import('sharp');
  for (let i = 0; i < photos; i++) {
    const [width, height] = i % 4 === 3 ? [short, long] : [long, short];
    const pixels = await scene(sharp, width, height, i + 1);
    const image = sharp(pixels, { raw: { width, height, channels: 3 } });
    write(
      `large-${i}.jpg`,
      await image.jpeg({ quality: 90, chromaSubsampling: '4:2:0', optimizeCoding: false }).toBuffer(),
    );
  }
}

/** [H, W, 3] */
async function scene(sharp, width, height, seed) {
  const random = generator(seed);
  const light = new Float32Array(width * height).fill(118);
  const color = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let cell = COARSEST; cell >= FINEST; cell /= 2) {
    // Equal energy in each octave is amplitude over frequency; lenses and sensors take from the finest ones.
    const loss = cell <= 4 ? cell / 8 : 1;
    await octave(sharp, light, { width, height, cell, random, gain: 26 * loss });
    if (cell >= 32)
      for (const plane of color) await octave(sharp, plane, { width, height, cell, random, gain: 14 });
  }
  for (let i = 0; i < 60; i++) shape(light, color, { width, height, random });
  return rgb(light, color, random);
}

/** Adds noise from a grid of random values, a value a cell, between which is interpolated. */
async function octave(sharp, plane, { width, height, cell, random, gain }) {
  const [w, h] = [Math.ceil(width / cell) + 1, Math.ceil(height / cell) + 1];
  const grid = Buffer.alloc(w * h);
  for (let i = 0; i < grid.length; i++) grid[i] = 256 * random();
  const { data, info } = await sharp(grid, { raw: { width: w, height: h, channels: 1 } })
    .resize(w * cell, h * cell, { kernel: 'cubic' })
    .extract({ left: 0, top: 0, width, height })
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let i = 0, at = 0; i < plane.length; i++, at += info.channels)
    plane[i] += (gain * (data[at] - 128)) / 128;
}

/** A disc or a bar, lighter or darker than what is below it and of another color. */
function shape(light, color, { width, height, random }) {
  const [cx, cy, size] = [random() * width, random() * height, 60 + random() * 400];
  const [gain, red, blue] = [90 * random() - 45, 40 * random() - 20, 40 * random() - 20];
  const [turn, thin] = [random() * Math.PI, random() < 0.5 ? 1 : 0.15];
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const [y1, y2] = [Math.max(0, Math.floor(cy - size)), Math.min(height, Math.ceil(cy + size))];
  const [x1, x2] = [Math.max(0, Math.floor(cx - size)), Math.min(width, Math.ceil(cx + size))];
  for (let y = y1; y < y2; y++) {
    for (let x = x1; x < x2; x++) {
      const [u, v] = [c * (x - cx) + s * (y - cy), (c * (y - cy) - s * (x - cx)) / thin];
      if (u * u + v * v > size * size) continue;
      const at = y * width + x;
      light[at] += gain;
      color[0][at] += red;
      color[1][at] += blue;
    }
  }
}

function rgb(light, [red, blue], random) {
  const pixels = Buffer.alloc(light.length * 3);
  const byte = (value) => Math.max(0, Math.min(255, Math.round(value)));
  for (let i = 0, at = 0; i < light.length; i++) {
    const y = light[i] + (random() + random() - 1) * 5; // the sensor's
    pixels[at++] = byte(y + red[i]);
    pixels[at++] = byte(y - (red[i] + blue[i]) / 3);
    pixels[at++] = byte(y + blue[i]);
  }
  return pixels;
}

function generator(seed) {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
