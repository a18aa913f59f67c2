/** Pools and their gradients, on images [B, H, W, C]. */
import { show } from '../../../core/index.js';
import type { Node, Value } from '../../graph.js';
import { tf } from '../../tf.js';
import { ints, text, type } from '../attributes.js';
import type { Settings } from '../emitter.js';
import { paddingOf } from './convolution.js';
import { giving, type Rules, refuse, sizes } from './rule.js';

function settings(node: Node, images: Value, explicit: boolean): Settings {
  const { filterSize, strides, pad, dimRoundingMode } = node.attributes;
  const info = tf.backend_util.computePool2DInfo(
    sizes(images) as [number, number, number, number],
    filterSize as number,
    strides as number,
    1,
    pad as 'same',
    (dimRoundingMode ?? undefined) as 'floor',
  );
  if (!explicit && info.padInfo.type === 'EXPLICIT') throw refuse(node, `pad ${show(pad)}`);
  return {
    T: type('float32'),
    data_format: text('NHWC'),
    ksize: ints([1, info.filterHeight, info.filterWidth, 1]),
    strides: ints([1, info.strideHeight, info.strideWidth, 1]),
    ...paddingOf(node, info),
  };
}

export const pools: Rules = {
  MaxPool: giving((e, [x], node) => e.op('MaxPool', [x], settings(node, node.inputs.x, true))),
  AvgPool: giving((e, [x], node) => e.op('AvgPool', [x], settings(node, node.inputs.x, false))),
  MaxPoolGrad: (node, e) => {
    const { dy, input, output } = node.inputs;
    const [x, y, gradient] = [input, output, dy].map((value) => e.take(value));
    e.give(node.outputs[0], e.op('MaxPoolGrad', [x, y, gradient], settings(node, input, true)));
  },
  AvgPoolGrad: (node, e) => {
    const { dy, input } = node.inputs;
    const shape = e.integers(sizes(input));
    e.give(node.outputs[0], e.op('AvgPoolGrad', [shape, e.take(dy)], settings(node, input, false)));
  },
};
