/** An image as the input of a model: at its size, in its range and layout. */
import { normalize, resize } from '../../augment/index.js';
import { type ImageRef, RxaugError } from '../../core/index.js';
import type { Renderer } from '../../stream/renderer.js';
import { imageInput, type ModelInput, renderedFor } from '../score/model-input.js';
import type { ImagePort } from '../score/ports.js';
import { steadySample } from '../score/steady-sample.js';

type Range = readonly [black: number, white: number];

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
): Promise<ModelInput> {
  if (!image) throw new RxaugError(`generatedCopies: ${id}: its image is missing; plan again`);
  const [black, white] = rangeIn(port, range);
  const scale = white - black;
  const transforms = [
    ...(port.height !== null && port.width !== null ? [resize({ size: [port.height, port.width] })] : []),
    // (x − mean) / std = black + scale · x
    ...(port.dtype === 'uint8' ? [] : [normalize({ mean: both(-black / scale), std: both(1 / scale) })]),
  ];
  return imageInput(port, await renderedFor(port, steadySample(image, id, transforms), renderer));
}
