/** One image that is no part of a data set, as a sample. */
import { drawnSample, type SampleOperator } from '../augment/index.js';
import { expected, Sample, type SampleFields, UsageError } from '../core/index.js';
import { type ImageLike, imageRefOf } from '../io/items.js';

/** What its draws are keyed by, and its targets. */
interface Place extends Pick<SampleFields, 'index' | 'epoch' | 'progress' | 'targets'> {
  readonly seed: number;
}

/** The image after the draws of these transforms. A UsageError of `owner` for what is no image. */
export function imageSample(
  owner: string,
  image: ImageLike,
  transforms: readonly SampleOperator[],
  { seed, ...place }: Place,
): Sample {
  const ref = imageRefOf(image);
  if (!ref)
    throw new UsageError(
      expected(owner, 'a path, the bytes of an image, or pixels { data, width, height }', image),
    );
  const id = ref.kind === 'file' ? ref.path : 'image';
  const origin = { name: owner, classes: ['image'], seed };
  const sample = new Sample({ ...place, id, image: ref, label: 0, origin });
  return transforms.reduce((drawn, { transform }) => drawnSample(transform, drawn), sample);
}
