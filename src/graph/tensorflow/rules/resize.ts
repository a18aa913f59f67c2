/** Images at other sizes. */
import type { Node } from '../../graph.js';
import { bool } from '../attributes.js';
import type { Settings } from '../emitter.js';
import { giving, listAt, type Rule, type Rules, refuse, sizes, T } from './rule.js';

function resize(op: string): Rule {
  return giving((e, [images], node) => {
    const { alignCorners, halfPixelCenters } = node.attributes;
    return e.op(op, [images, e.integers(listAt(node, 'size'))], {
      ...T(node),
      align_corners: bool(alignCorners === true),
      half_pixel_centers: bool(halfPixelCenters === true),
    });
  });
}

/** tfjs passes over half pixels in gradients, so its own is not that of its forward pass. */
function gradientSettings(node: Node): Settings {
  const { alignCorners, halfPixelCenters } = node.attributes;
  if (halfPixelCenters) throw refuse(node, 'halfPixelCenters');
  return { ...T(node), align_corners: bool(alignCorners === true) };
}

export const resizing: Rules = {
  ResizeBilinear: resize('ResizeBilinear'),
  ResizeNearestNeighbor: resize('ResizeNearestNeighbor'),
  ResizeBilinearGrad: (node, e) => {
    const { images, dy } = node.inputs;
    const settings = gradientSettings(node);
    e.give(node.outputs[0], e.op('ResizeBilinearGrad', [e.take(dy), e.take(images)], settings));
  },
  ResizeNearestNeighborGrad: (node, e) => {
    const { images, dy } = node.inputs;
    const size = e.integers(sizes(images).slice(1, 3));
    const settings = gradientSettings(node);
    e.give(node.outputs[0], e.op('ResizeNearestNeighborGrad', [e.take(dy), size], settings));
  },
};
