/** Single images made ready for a model: decoded, put through its preprocessing, and of its size. */
import type { SampleOperator } from '../augment/index.js';
import { BadSampleError } from '../core/index.js';
import type { DecoderOptions } from '../io/decode/decode.js';
import type { ImageLike } from '../io/items.js';
import { imageSample } from './image-sample.js';
import { renderOnce } from './render-once.js';

export type { ImageLike, SampleOperator };

/** What a model takes. */
export interface Wanted {
  /** [H, W, C] */
  readonly input: readonly number[];
  readonly transforms: readonly SampleOperator[];
  readonly decoder?: DecoderOptions;
}

/** float32 [H, W, 3]. A BadSampleError for what cannot be read, or comes out at another size. */
export async function preparedImage(
  image: ImageLike,
  { input, transforms, decoder = {} }: Wanted,
  owner: string,
): Promise<Float32Array> {
  const sample = imageSample(owner, image, transforms, { seed: 0, index: 0, epoch: 0, progress: 1 });
  const { data, width, height } = await renderOnce(sample, { decoder }, 'float32');
  const [h, w] = input;
  if (height === h && width === w) return data as Float32Array;
  throw new BadSampleError(
    `${sample.id}: expected ${h}×${w} pixels for the model but its preprocessing gives ${height}×${width} (height × width); resize the image, or give a pipeline that does`,
  );
}
