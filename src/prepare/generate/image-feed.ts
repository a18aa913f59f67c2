/** An image as the input of a model: at its size, in its range and layout. */
import { normalize, resize } from '../../augment/index.js';
import { type ImageRef, RxaugError } from '../../core/index.js';
import { arrayOf, type Values } from '../../graph/onnx/dtypes.js';
import type { Renderer } from '../../stream/renderer.js';
import { planesOf } from '../score/planes.js';
import type { ImagePort } from '../score/ports.js';
import { steadySample } from '../score/steady-sample.js';

export interface ImageFeed {
  readonly data: Values;
  readonly dims: readonly number[];
}

type Range = readonly [black: number, white: number];

/** One row. */
export const one = (data: Values, dims: readonly number[]): ImageFeed => ({ data, dims: [1, ...dims] });

/** Values of black and white at a port. */
export const rangeIn = ({ dtype }: Pick<ImagePort, 'dtype'>, range: Range): Range =>
  dtype === 'uint8' ? [0, 255] : range;

const both = (value: number): [number, number, number] => [value, value, value];

export async function imageFeed(
  port: ImagePort,
  range: Range,
  id: string,
  image: ImageRef | undefined,
  renderer: Renderer,
): Promise<ImageFeed> {
  if (!image) throw new RxaugError(`generatedCopies: ${id}: its image is missing; plan again`);
  const bytes = port.dtype === 'uint8';
  const [black, white] = rangeIn(port, range);
  const scale = white - black;
  const transforms = [
    ...(port.height !== null && port.width !== null ? [resize({ size: [port.height, port.width] })] : []),
    // (x − mean) / std = black + scale · x
    ...(bytes ? [] : [normalize({ mean: both(-black / scale), std: both(1 / scale) })]),
  ];
  const sample = steadySample(image, id, transforms);
  const { data, width, height } = await (bytes
    ? renderer.renderAlone(sample)
    : renderer.renderAny(sample, 'float32'));
  const Kind = arrayOf(port.dtype);
  const pixels = port.layout === 'NCHW' ? planesOf(data, height * width) : data;
  const values = pixels instanceof Kind ? pixels : Kind.from(pixels);
  return one(values, port.layout === 'NCHW' ? [3, height, width] : [height, width, 3]);
}
