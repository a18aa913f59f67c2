/** Inputs of a model, which runs one image at a time. */
import type { Sample } from '../../core/index.js';
import { arrayOf, type Values } from '../../graph/onnx/dtypes.js';
import type { Renderer } from '../../stream/renderer.js';
import { planesOf } from './planes.js';
import type { ImagePort } from './ports.js';

export interface ModelInput {
  readonly data: Values;
  readonly dims: readonly number[];
}

/** [1, ...dims] */
export const batchOfOne = (data: Values, dims: readonly number[]): ModelInput => ({
  data,
  dims: [1, ...dims],
});

/** [1, count] */
export function oneHot(count: number, number: number): ModelInput {
  const data = new Float32Array(count);
  data[number] = 1;
  return batchOfOne(data, [count]);
}

interface Pixels {
  /** [H, W, 3] */
  readonly data: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
}

/** The pixels of a sample as bytes for a model of uint8, and as floats for others. */
export const renderedFor = (
  { dtype }: Pick<ImagePort, 'dtype'>,
  sample: Sample,
  renderer: Renderer,
): Promise<Pixels> =>
  dtype === 'uint8' ? renderer.renderAlone(sample) : renderer.renderAny(sample, 'float32');

/** [1, H, W, 3] or [1, 3, H, W] */
export function imageInput(
  { dtype, layout }: Pick<ImagePort, 'dtype' | 'layout'>,
  { data, height, width }: Pixels,
): ModelInput {
  const Kind = arrayOf(dtype);
  const pixels = layout === 'NCHW' ? planesOf(data, height * width) : data;
  const values = pixels instanceof Kind ? pixels : Kind.from(pixels);
  return batchOfOne(values, layout === 'NCHW' ? [3, height, width] : [height, width, 3]);
}
