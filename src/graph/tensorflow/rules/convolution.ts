/** Convolutions and their gradients, on images [B, H, W, C]. */
import type { Node } from '../../graph.js';
import { pixelsMet } from '../../pixels-met.js';
import { tf } from '../../tf.js';
import { ints, text, type } from '../attributes.js';
import type { Emitter, Settings } from '../emitter.js';
import { finished } from './elementwise.js';
import { type Rule, type Rules, refuse, sizes, taken } from './rule.js';

type Sizes = [number, number, number, number];
type Info = tf.backend_util.Conv2DInfo;

const NHWC = { T: type('float32'), data_format: text('NHWC') };

/** Shapes and padding as tfjs computes them. */
function infoOf(node: Node, images: readonly number[], filter: readonly number[], depthwise: boolean): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = node.attributes;
  if (dataFormat && dataFormat !== 'NHWC') throw refuse(node, `dataFormat ${dataFormat}`);
  return tf.backend_util.computeConv2DInfo(
    images as Sizes,
    filter as Sizes,
    strides as number,
    (dilations ?? 1) as number,
    pad as 'same',
    (dimRoundingMode ?? undefined) as 'floor',
    depthwise,
  );
}

/** Padding, where it is the same for TensorFlow: it rounds down, and has names for the usual ones. */
export function paddingOf(
  node: Node,
  {
    padInfo,
    ...info
  }: Pick<Info, 'padInfo' | 'inHeight' | 'inWidth' | 'outHeight' | 'outWidth'> &
    Pick<Info, 'effectiveFilterHeight' | 'effectiveFilterWidth' | 'strideHeight' | 'strideWidth'>,
): Settings {
  const { top, bottom, left, right, type: kind } = padInfo;
  const rows =
    Math.floor((info.inHeight + top + bottom - info.effectiveFilterHeight) / info.strideHeight) + 1;
  const columns =
    Math.floor((info.inWidth + left + right - info.effectiveFilterWidth) / info.strideWidth) + 1;
  if (rows !== info.outHeight || columns !== info.outWidth) {
    // dimRoundingMode 'ceil', or tfjs's own idea of a padding given as a number with a filter that is no square.
    throw refuse(
      node,
      `an output of ${info.outHeight}×${info.outWidth} where ${rows}×${columns} windows fit`,
    );
  }
  if (kind === 'SAME' || kind === 'VALID') return { padding: text(kind) };
  return { padding: text('EXPLICIT'), explicit_paddings: ints([0, 0, top, bottom, left, right, 0, 0]) };
}

function settings(node: Node, info: Info): Settings {
  return {
    ...NHWC,
    strides: ints([1, info.strideHeight, info.strideWidth, 1]),
    dilations: ints([1, info.dilationHeight, info.dilationWidth, 1]),
    ...paddingOf(node, info),
  };
}

function convolution(op: string, { depthwise = false, fused = false } = {}): Rule {
  return (node, e) => {
    const { x, filter } = node.inputs;
    const info = infoOf(node, sizes(x), sizes(filter), depthwise);
    const y = e.op(op, [e.take(x), e.take(filter)], settings(node, info));
    const [bias, slope] = ['bias', 'preluActivationWeights'].map((name) => fused && taken(e, node, name));
    e.give(node.outputs[0], finished(e, y, node, { bias: bias || undefined, slope: slope || undefined }));
  };
}

/** A convolution over the pixels alone that its filter meets, where native TensorFlow needs it. */
function withoutStride(e: Emitter, x: string, info: Info): { x: string; info: Info } {
  const slice = pixelsMet(info);
  if (!slice) return { x, info };
  const bounds = [slice.begin, slice.end, slice.strides].map((list) => e.integers(list));
  const met = e.op('StridedSlice', [x, ...bounds], { T: type('float32'), Index: type('int32') });
  const { outHeight, outWidth } = info;
  const sides = { inHeight: outHeight, inWidth: outWidth, strideHeight: 1, strideWidth: 1 };
  return { x: met, info: { ...info, ...sides } };
}

/** The gradient of the filter, or of what went in, whose shape is that of the output. */
function gradient(op: string, by: 'filter' | 'input', depthwise = false): Rule {
  return (node, e) => {
    const { x, dy, filter } = node.inputs;
    const [output] = node.outputs;
    const shape = sizes(output);
    const info =
      by === 'filter'
        ? infoOf(node, sizes(x), shape, depthwise)
        : infoOf(node, shape, sizes(filter), depthwise);
    const size = e.integers(shape);
    if (by === 'input') {
      e.give(output, e.op(op, [size, e.take(filter), e.take(dy)], settings(node, info)));
      return;
    }
    const met = depthwise ? { x: e.take(x), info } : withoutStride(e, e.take(x), info);
    e.give(output, e.op(op, [met.x, size, e.take(dy)], settings(node, met.info)));
  };
}

export const convolutions: Rules = {
  Conv2D: convolution('Conv2D'),
  FusedConv2D: convolution('Conv2D', { fused: true }),
  Conv2DBackpropFilter: gradient('Conv2DBackpropFilter', 'filter'),
  Conv2DBackpropInput: gradient('Conv2DBackpropInput', 'input'),
  DepthwiseConv2dNative: convolution('DepthwiseConv2dNative', { depthwise: true }),
  FusedDepthwiseConv2D: convolution('DepthwiseConv2dNative', { depthwise: true, fused: true }),
  DepthwiseConv2dNativeBackpropFilter: gradient('DepthwiseConv2dNativeBackpropFilter', 'filter', true),
  DepthwiseConv2dNativeBackpropInput: gradient('DepthwiseConv2dNativeBackpropInput', 'input', true),
};
