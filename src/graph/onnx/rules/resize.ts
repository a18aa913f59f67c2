/** Images of another size. */
import type { Node } from '../../graph.js';
import type { Emitter, Setting } from '../emitter.js';
import { inLayout, type Rule, type Rules } from './rule.js';

/** Where a pixel of the output comes from. */
function coordinates({ attributes }: Node): string {
  if (attributes.alignCorners) return 'align_corners';
  return attributes.halfPixelCenters ? 'half_pixel' : 'asymmetric';
}

function resize(of: (node: Node) => Record<string, Setting>): Rule {
  return (node, e) => {
    const settings = { coordinate_transformation_mode: coordinates(node), ...of(node) };
    const [scales, sizes] = target(e, node);
    e.giveImages(
      node.outputs[0],
      e.op('Resize', [e.takeImages(node.inputs.images), '', scales, sizes], settings),
    );
  };
}

/**
 * Factors where they are whole, which needs no batch size and is exact; else sizes. (Sizes of the two axes
 * alone, with the attribute `axes`, are mishandled by onnxruntime's optimizer of transposes, 1.30.)
 */
function target(e: Emitter, node: Node): [scales: string, sizes: string] {
  const [, height, width] = node.inputs.images.shape as readonly number[];
  const [tall, wide] = node.attributes.size as readonly number[];
  const factors = [tall / height, wide / width];
  if (factors.every(Number.isInteger)) return [e.constant('float32', [4], [1, 1, ...factors]), ''];
  return ['', e.sizes(inLayout(true, node.outputs[0].shape))];
}

export const resizing: Rules = {
  ResizeNearestNeighbor: resize((node) => ({
    mode: 'nearest',
    // tfjs rounds (half up) between corners and between centers, and down otherwise.
    nearest_mode: coordinates(node) === 'asymmetric' ? 'floor' : 'round_prefer_ceil',
  })),
  ResizeBilinear: resize(() => ({ mode: 'linear' })),
};
