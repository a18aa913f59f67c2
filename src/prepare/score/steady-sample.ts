/** An image with transforms that have no chance in them, as a model is given it. */
import { drawnSample, type SampleOperator } from '../../augment/index.js';
import { type ImageRef, Sample } from '../../core/index.js';

export function steadySample(image: ImageRef, id: string, transforms: readonly SampleOperator[]): Sample {
  const origin = { name: 'prepare', classes: [], seed: 0 };
  const plain = new Sample({ id, index: 0, epoch: 0, progress: 1, image, label: 0, origin });
  return transforms.reduce((one, { transform }) => drawnSample(transform, one), plain);
}
