import {
  batchNorm,
  classAffine,
  classEmbedding,
  conv2d,
  dense,
  type Layer,
  relu,
  reshape,
  type Shape,
  sequential,
  tanh,
  upsample,
} from '../../train/layers/index.js';
import { filtersAt, halvings, SMALLEST } from '../images.js';

export interface GeneratorOptions {
  /** Filters at the image's own resolution. */
  readonly width: number;
  readonly classes: number;
}

/**
 * A generator: noise [Z] and a class → image [H, W, C] in (−1, 1). A dense layer makes a 4×4 map; nearest-neighbor
 * upsampling and 3×3 convolutions double it up to the size of the image. Each convolution is followed by batch norm with a
 * scale and a shift for each class (conditional batch norm, as in Miyato and Koyama, 2018).
 */
export function generatorLayers(image: Shape, { width, classes }: GeneratorOptions): Layer {
  const times = halvings('gan', image);
  const first = filtersAt(width, times);
  const norm = () => [batchNorm({ name: 'norm' }), classAffine(classes, { name: 'class' }), relu()];
  return sequential([
    classEmbedding(classes, { name: 'class' }),
    dense(SMALLEST * SMALLEST * first, { name: 'start' }),
    reshape([SMALLEST, SMALLEST, first]),
    ...Array.from({ length: times }, (_, i) =>
      sequential(
        [upsample(), conv2d(filtersAt(width, times - 1 - i), { bias: false, name: 'conv' }), ...norm()],
        { name: `stage${i + 1}` },
      ),
    ),
    conv2d(image[2], { initializer: 'lecunNormal', name: 'image' }),
    tanh(),
  ]);
}
