/** Single images made ready for a model: decoded, put through its preprocessing, and of its size. */
import { drawnSample, type SampleOperator } from '../augment/index.js';
import { BadSampleError, expected, Sample, UsageError } from '../core/index.js';
import type { DecoderOptions } from '../io/decode/decode.js';
import { type ImageLike, imageRefOf } from '../io/items.js';
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
  const ref = imageRefOf(image);
  if (!ref)
    throw new UsageError(
      expected(owner, 'a path, the bytes of an image, or pixels { data, width, height }', image),
    );
  const id = ref.kind === 'file' ? ref.path : 'image';
  const origin = { name: owner, classes: ['image'], seed: 0 };
  const plain = new Sample({ id, index: 0, epoch: 0, progress: 1, image: ref, label: 0, origin });
  const sample = transforms.reduce((drawn, { transform }) => drawnSample(transform, drawn), plain);
  const { data, width, height } = await renderOnce(sample, { decoder }, 'float32');
  const [h, w] = input;
  if (height === h && width === w) return data as Float32Array;
  throw new BadSampleError(
    `${id}: expected ${h}×${w} pixels for the model but its preprocessing gives ${height}×${width} (height × width); resize the image, or give a pipeline that does`,
  );
}
