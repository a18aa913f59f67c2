/** Convolutions, their transposes, and pools: all on images, [B, C, H, W]. */

import { isOpen, type Node, type Numbers, type Value } from '../../graph.js';
import { tf } from '../../tf.js';
import { type Emitter, permute, type Setting, sizes } from '../emitter.js';
import { activate } from './elementwise.js';
import { type Rule, type Rules, refuse, typeOf } from './rule.js';

type Side = [number, number, number, number];
type Info = tf.backend_util.Conv2DInfo;

/** Shapes of a convolution as tfjs computes them; the batch does not matter. */
function infoOf(node: Node, images: Value['shape'], filter: Value, depthwise = false): Info {
  const { strides, pad, dilations = 1, dimRoundingMode, dataFormat } = node.attributes;
  if (dataFormat && dataFormat !== 'NHWC') throw refuse(node, `dataFormat ${dataFormat}`);
  return tf.backend_util.computeConv2DInfo(
    images.map((size) => (isOpen(size) ? 1 : size)) as Side,
    sizes(filter.shape) as Side,
    strides as number,
    dilations as number,
    pad as 'same',
    (dimRoundingMode ?? undefined) as 'floor',
    depthwise,
  );
}

function settings(node: Node, info: Info): Record<string, Setting> {
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const height = info.inHeight + padInfo.top + padInfo.bottom - info.effectiveFilterHeight;
  const width = info.inWidth + padInfo.left + padInfo.right - info.effectiveFilterWidth;
  const rows = Math.floor(height / strideHeight) + 1;
  const columns = Math.floor(width / strideWidth) + 1;
  if (rows !== info.outHeight || columns !== info.outWidth) {
    // dimRoundingMode 'ceil', or tfjs's own idea of a padding given as a number with a filter that is no square.
    throw refuse(
      node,
      `an output of ${info.outHeight}×${info.outWidth} where ${rows}×${columns} windows fit`,
    );
  }
  return {
    strides: [strideHeight, strideWidth],
    dilations: [dilationHeight, dilationWidth],
    pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
  };
}

function conv2d(fused = false): Rule {
  return (node, e) => {
    const { x, filter } = node.inputs;
    const info = infoOf(node, x.shape, filter);
    const group = info.inChannels / (filter.shape[2] as number);
    const kernel = turned(e, filter, [3, 2, 0, 1]); // [out, in, k, k]
    convolve(e, node, x, kernel, { ...settings(node, info), group }, fused);
  };
}

function depthwise(fused = false): Rule {
  return (node, e) => {
    const { x, filter } = node.inputs;
    const info = infoOf(node, x.shape, filter, true);
    const [height, width, channels, multiplier] = sizes(filter.shape);
    const dims = [channels * multiplier, 1, height, width];
    const kernel = turned(e, filter, [2, 3, 0, 1], dims);
    convolve(e, node, x, kernel, { ...settings(node, info), group: channels }, fused);
  };
}

/** `fused`: with the bias and the activation that tfjs does in the same kernel. */
function convolve(
  e: Emitter,
  node: Node,
  x: Value,
  kernel: string,
  attributes: Readonly<Record<string, Setting>>,
  fused: boolean,
): void {
  const { bias, preluActivationWeights: slope } = node.inputs;
  const made = e.op('Conv', [e.takeImages(x), kernel], attributes);
  const sum = fused && bias ? e.op('Add', [made, e.takeImages(bias)]) : made;
  e.giveImages(node.outputs[0], fused ? activate(e, sum, node, slope && e.takeImages(slope)) : sum);
}

/** The gradient of a convolution towards its input, which is what a transposed convolution is. */
const convTranspose: Rule = (node, e) => {
  const { dy, filter } = node.inputs;
  const [output] = node.outputs;
  const info = infoOf(node, output.shape, filter);
  const { padInfo, filterHeight, filterWidth } = info;
  const missing = (large: number, small: number, stride: number, side: number, pads: number) =>
    large - (stride * (small - 1) + side - pads);
  const outputPadding = [
    missing(info.inHeight, info.outHeight, info.strideHeight, filterHeight, padInfo.top + padInfo.bottom),
    missing(info.inWidth, info.outWidth, info.strideWidth, filterWidth, padInfo.left + padInfo.right),
  ];
  const kernel = turned(e, filter, [3, 2, 0, 1]); // [channels of dy, channels of dx, k, k]
  const attributes = { ...settings(node, info), output_padding: outputPadding };
  e.giveImages(output, e.op('ConvTranspose', [e.takeImages(dy), kernel], attributes));
};

function pool(type: string): Rule {
  return (node, e) => {
    const { x } = node.inputs;
    const { filterSize, strides, pad, dimRoundingMode } = node.attributes;
    const info = tf.backend_util.computePool2DInfo(
      x.shape.map((size) => (isOpen(size) ? 1 : size)) as Side,
      filterSize as number,
      strides as number,
      1,
      pad as 'same',
      (dimRoundingMode ?? undefined) as 'floor',
    );
    const { dilations: _, ...rest } = settings(node, info);
    const kernel = [info.effectiveFilterHeight, info.effectiveFilterWidth];
    e.giveImages(node.outputs[0], e.op(type, [e.takeImages(x)], { kernel_shape: kernel, ...rest }));
  };
}

/** A filter with permuted axes; computed now if its numbers are known. */
function turned(e: Emitter, filter: Value, perm: readonly number[], dims?: readonly number[]): string {
  const data: Numbers | undefined = e.numbers(filter);
  if (data) {
    const made = permute(data, sizes(filter.shape), perm);
    return e.tensor(filter.name, typeOf(filter), dims ?? made.dims, made.data);
  }
  const name = e.op('Transpose', [e.take(filter)], { perm });
  return dims ? e.reshape(name, dims) : name;
}

const batchNorm: Rule = (node, e) => {
  const { x, scale, offset, mean, variance } = node.inputs;
  const channels = sizes(mean.shape);
  if (channels.length !== 1 || x.shape.length !== 4) throw refuse(node, 'statistics of more than one axis');
  const filled = (value: number) => e.constant('float32', channels, Array<number>(channels[0]).fill(value));
  const inputs = [
    e.takeImages(x),
    scale ? e.take(scale) : filled(1),
    offset ? e.take(offset) : filled(0),
    e.take(mean),
    e.take(variance),
  ];
  const epsilon = { float: Number(node.attributes.varianceEpsilon ?? 1e-3) };
  e.giveImages(node.outputs[0], e.op('BatchNormalization', inputs, { epsilon }));
};

export const convolutions: Rules = {
  Conv2D: conv2d(),
  FusedConv2D: conv2d(true),
  DepthwiseConv2dNative: depthwise(),
  FusedDepthwiseConv2D: depthwise(true),
  Conv2DBackpropInput: convTranspose,
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  FusedBatchNorm: batchNorm,
};
