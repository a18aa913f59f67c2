/**
 * Training on images of other sizes than the one that the model is for: progressive resizing. `imageSize` is the
 * size that the network is built, measured, saved and used for; batches of training may have any size for which
 * its layers have the very same parameters, as those of a convolutional network with a global pool have.
 */
import { z } from 'zod';
import { UsageError } from '../../core/index.js';
import { InitScope, type StatSpec } from '../layers/layer.js';
import type { ParamSpec, Shape } from '../layers/param-spec.js';
import type { Network } from '../models/model.js';
import type { InputSpec } from '../task.js';

const side = z.int().min(1);

/** A side, or [height, width]. */
export const imageSizeSchema = z.union([side, z.tuple([side, side])]);
export type ImageSize = z.output<typeof imageSizeSchema>;

/** What the first batch looks like, were it of full size. */
export function inputSpecAt(spec: InputSpec, imageSize: ImageSize | undefined): InputSpec {
  if (imageSize === undefined) return spec;
  const [height, width] = typeof imageSize === 'number' ? [imageSize, imageSize] : imageSize;
  return { ...spec, input: [height, width, spec.input[2]] };
}

/** Refuses, in one sentence, images for which a network would need other parameters; asks each shape once. */
export function shapeCheck(network: Network, owner = 'train'): (shape: Shape) => void {
  const fine = new Set([network.input.join('×')]);
  return (shape) => {
    const name = shape.join('×');
    if (fine.has(name)) return;
    const params: ParamSpec[] = [];
    const stats: StatSpec[] = [];
    network.root.init(new InitScope({ params, stats }), shape);
    const there = new Map([...params, ...stats].map((spec) => [spec.name, spec.shape.join('×')]));
    for (const spec of [...network.params, ...network.stats]) {
      if (there.get(spec.name) === spec.shape.join('×')) continue;
      throw new UsageError(
        `${owner}: imageSize: expected a model whose weights fit any size of image, but '${spec.name}' of ${network.name} is ${spec.shape.join('×')} for images of ${network.input.join('×')} and ${there.get(spec.name) ?? 'nothing'} for ${name}; use one that ends in globalPool(), such as resnet(20)`,
      );
    }
    fine.add(name);
  };
}
