/** Photos of the reader's, and the pictures that the page brings along, as RGB bytes. */
import { scenes } from 'page:assets';

/** The longest side: larger photos are scaled down. */
export const LONGEST = 640;

/** The pictures of the page, square, by number. */
export const scene = (i, side = 384) =>
  fromUrl(`data:image/jpeg;base64,${scenes[i]}`, { width: side, height: side });
export const SCENES = scenes.length;

export async function fromFile(file) {
  const url = URL.createObjectURL(file);
  try {
    return await fromUrl(url);
  } catch (error) {
    throw new Error(
      `${file.name}: expected an image that this browser can show; choose a JPEG, PNG or WebP file`,
      { cause: error },
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function fromUrl(url, size) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const shrink = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const width = size?.width ?? Math.max(1, Math.round(shrink * image.naturalWidth));
  const height = size?.height ?? Math.max(1, Math.round(shrink * image.naturalHeight));
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(image, 0, 0, width, height);
  return { data: withoutAlpha(context.getImageData(0, 0, width, height).data), width, height };
}

/** Onto black, as transparent pixels are elsewhere in the package. */
function withoutAlpha(rgba) {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, o = 0; i < rgba.length; i += 4, o += 3)
    for (const c of [0, 1, 2]) rgb[o + c] = Math.round((rgba[i + c] * rgba[i + 3]) / 255);
  return rgb;
}

export function show(canvas, { data, width, height }) {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0, o = 0; i < data.length; i += 3, o += 4) rgba.set(data.subarray(i, i + 3), o);
  Object.assign(canvas, { width, height });
  canvas.getContext('2d').putImageData(new ImageData(rgba, width, height), 0, 0);
}

/** An image cut to a square in its middle and scaled: batches have one size. */
export function square({ data, width, height }, side) {
  const shorter = Math.min(width, height);
  const left = (width - shorter) >> 1;
  const top = (height - shorter) >> 1;
  const out = new Uint8Array(3 * side * side);
  for (let y = 0, o = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const at =
        3 *
        ((top + Math.floor(((y + 0.5) * shorter) / side)) * width +
          left +
          Math.floor(((x + 0.5) * shorter) / side));
      for (const c of [0, 1, 2]) out[o++] = data[at + c];
    }
  return { data: out, width: side, height: side };
}
