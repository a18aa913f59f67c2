import { tf } from '../graph/tf.js';
import {
  conv2d,
  dense,
  groupNorm,
  leakyRelu,
  reshape,
  type Shape,
  sequential,
  tanh,
  upsample,
} from '../train/layers/index.js';
import { halvings, SMALLEST } from './images.js';
import { type Part, part, run, type Weights } from './part.js';

export interface UnetOptions {
  /** Filters next to the image, a multiple of 4; they double at every halving, up to four times. */
  readonly width: number;
  /** Z, the length of the noise vector; 0: no noise. */
  readonly noise: number;
  /** Images concatenated on the channels of the input. */
  readonly inputs: number;
}

export interface Unet {
  readonly down: readonly Part[];
  readonly middle: Part;
  readonly up: readonly Part[];
  readonly last: Part;
}

/**
 * A U-Net with noise at the smallest map (Ronneberger et al., 2015; with noise as in DAGAN): convolutions of stride 2 down
 * to 4×4, a dense layer that takes the noise, upsampling back, and at each size the map of the encoder concatenated to that
 * of the decoder. [B, H, W, C·k] (and [B, Z]) → [B, H, W, C] in (−1, 1).
 */
export function buildUnet(name: string, image: Shape, { width, noise, inputs }: UnetOptions): Unet {
  const times = halvings(name, image);
  const filters = (i: number) => width * Math.min(4, 2 ** i);
  const down: Part[] = [];
  let shape: Shape = [image[0], image[1], image[2] * inputs];
  for (let i = 0; i < times; i++) {
    const layers = [conv2d(filters(i), { kernel: 4, stride: 2, name: 'conv' }), groupNorm(4), leakyRelu()];
    down.push(part(`${name}/down${i + 1}`, sequential(layers), shape));
    shape = down[i].output;
  }
  const code = shape.reduce((product, side) => product * side, 1);
  const start = [SMALLEST, SMALLEST, filters(times - 1)];
  const middle = part(
    `${name}/middle`,
    sequential([dense(code, { name: 'dense' }), leakyRelu(), reshape(start)]),
    [code + noise],
  );
  const up: Part[] = [];
  let channels = start[2];
  for (let i = times - 1; i >= 0; i--) {
    const [height, , skipped] = down[i].output;
    const layers = [
      upsample(),
      conv2d(filters(Math.max(0, i - 1)), { name: 'conv' }),
      groupNorm(4),
      leakyRelu(),
    ];
    up.push(part(`${name}/up${times - i}`, sequential(layers), [height, height, channels + skipped]));
    channels = filters(Math.max(0, i - 1));
  }
  const seen = [image[0], image[1], channels + image[2] * inputs];
  const layers = [conv2d(image[2], { initializer: 'lecunNormal', name: 'conv' }), tanh()];
  return { down, middle, up, last: part(`${name}/image`, sequential(layers), seen) };
}

export const unetParts = ({ down, middle, up, last }: Unet): Part[] => [...down, middle, ...up, last];

/** Images [B, H, W, C·k] and noise [B, Z] → images [B, H, W, C]. Call it inside `tf.tidy`. */
export function runUnet(
  { down, middle, up, last }: Unet,
  weights: Weights,
  images: tf.Tensor4D,
  noise?: tf.Tensor2D,
): tf.Tensor4D {
  const maps: tf.Tensor[] = [];
  let x: tf.Tensor = images;
  for (const each of down) {
    x = run(each, weights, x).y;
    maps.push(x);
  }
  const code = x.reshape([x.shape[0], -1]);
  x = run(middle, weights, noise ? tf.concat([code, noise], 1) : code).y;
  for (const each of up) x = run(each, weights, tf.concat([x, maps.pop() as tf.Tensor], 3)).y;
  return run<tf.Tensor4D>(last, weights, tf.concat([x, images], 3)).y;
}
