/** Images at other sizes. */
import { bool } from '../attributes.js';
import { giving, listAt, type Rule, type Rules, sizes, T } from './rule.js';

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

export const resizing: Rules = {
  ResizeBilinear: resize('ResizeBilinear'),
  ResizeNearestNeighbor: resize('ResizeNearestNeighbor'),
  // The gradients know of no half pixels: tfjs leaves them out as well.
  ResizeBilinearGrad: (node, e) => {
    const { images, dy } = node.inputs;
    const settings = { ...T(node), align_corners: bool(node.attributes.alignCorners === true) };
    e.give(node.outputs[0], e.op('ResizeBilinearGrad', [e.take(dy), e.take(images)], settings));
  },
  ResizeNearestNeighborGrad: (node, e) => {
    const { images, dy } = node.inputs;
    const size = e.integers(sizes(images).slice(1, 3));
    const settings = { ...T(node), align_corners: bool(node.attributes.alignCorners === true) };
    e.give(node.outputs[0], e.op('ResizeNearestNeighborGrad', [e.take(dy), size], settings));
  },
};
