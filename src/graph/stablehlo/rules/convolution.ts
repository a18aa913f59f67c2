/** Convolutions of images [B, H, W, C] and their gradients. */
import { tf } from '../../tf.js';
import { convolve } from '../products.js';
import type { Hlo } from '../types.js';
import { finished } from './activation.js';
import { type Call, numbersAt, type Rule, type Rules, refuse } from './rule.js';

type Side = [number, number, number, number];

/** Along one side of the image. */
export interface Line {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first and after the last number; the last windows may not need all of it. */
  readonly low: number;
}

/** Rows and columns of a convolution as tfjs computes them. */
export function linesOf(
  call: Call,
  input: readonly number[],
  filter: readonly number[],
  depthwise = false,
): [Line, Line] {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = call.attributes;
  if (dataFormat && dataFormat !== 'NHWC') throw refuse(call, `dataFormat ${dataFormat}`);
  const info = tf.backend_util.computeConv2DInfo(
    input as Side,
    filter as Side,
    strides as number,
    (dilations ?? 1) as number,
    pad as 'same',
    (dimRoundingMode ?? undefined) as 'floor',
    depthwise,
  );
  return [
    {
      input: info.inHeight,
      output: info.outHeight,
      kernel: info.filterHeight,
      stride: info.strideHeight,
      dilation: info.dilationHeight,
      low: info.padInfo.top,
    },
    {
      input: info.inWidth,
      output: info.outWidth,
      kernel: info.filterWidth,
      stride: info.strideWidth,
      dilation: info.dilationWidth,
      low: info.padInfo.left,
    },
  ];
}

/** Both paddings of the forward pass: the upper one is what the windows that are computed reach over. */
const around = ({ input, output, kernel, stride, dilation, low }: Line): [number, number] => [
  low,
  (output - 1) * stride + (kernel - 1) * dilation + 1 - low - input,
];

/** Of the convolution of dy, dilated by the stride, that gives the gradient towards the input. */
const aroundBack = ({ input, output, kernel, stride, dilation, low }: Line): [number, number] => {
  const reach = (kernel - 1) * dilation;
  return [reach - low, input + low - (output - 1) * stride - 1];
};

const each = <T>(lines: readonly Line[], value: (line: Line) => T): T[] => lines.map(value);

const forward =
  (depthwise: boolean): Rule =>
  (h, call) => {
    const { x, filter } = call.inputs;
    const lines = linesOf(call, x.shape, filter.shape, depthwise);
    const [height, width, channels, multiplier] = filter.shape;
    const kernel = depthwise ? h.reshape(filter, [height, width, 1, channels * multiplier]) : filter;
    const made = convolve(h, x, kernel, {
      dims: '[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]',
      shape: call.output.shape,
      pad: each(lines, around),
      stride: each(lines, ({ stride }) => stride),
      rhsDilate: each(lines, ({ dilation }) => dilation),
      featureGroups: x.shape[3] / kernel.shape[2],
    });
    return finished(h, made, call);
  };

const towardsInput =
  (depthwise: boolean): Rule =>
  (h, call) => {
    const { dy, filter } = call.inputs;
    const lines = linesOf(call, call.output.shape, filter.shape, depthwise);
    const turned = h.reverse(filter, [0, 1]);
    // [k, k, C, M]: of an ordinary filter, M are the channels of dy; of a depthwise one, those of each of C groups.
    return convolve(h, dy, turned, {
      dims: '[b, 0, 1, f]x[0, 1, o, i]->[b, 0, 1, f]',
      shape: call.output.shape,
      pad: each(lines, aroundBack),
      lhsDilate: each(lines, ({ stride }) => stride),
      rhsDilate: each(lines, ({ dilation }) => dilation),
      featureGroups: dy.shape[3] / filter.shape[3],
    });
  };

const towardsFilter =
  (depthwise: boolean): Rule =>
  (h, call) => {
    const { x, dy } = call.inputs;
    const [height, width, channels, multiplier] = numbersAt(call, 'filterShape');
    const lines = linesOf(call, x.shape, [height, width, channels, multiplier], depthwise);
    const groups = depthwise ? channels : x.shape[3] / channels;
    const made: Hlo = convolve(h, x, dy, {
      dims: '[f, 0, 1, b]x[i, 0, 1, o]->[0, 1, b, f]',
      shape: [height, width, x.shape[3] / groups, dy.shape[3]],
      pad: each(lines, around),
      stride: each(lines, ({ dilation }) => dilation),
      rhsDilate: each(lines, ({ stride }) => stride),
      batchGroups: groups,
    });
    return h.reshape(made, call.output.shape);
  };

export const convolutions: Rules = {
  Conv2D: forward(false),
  FusedConv2D: forward(false),
  Conv2DBackpropInput: towardsInput(false),
  Conv2DBackpropFilter: towardsFilter(false),
  DepthwiseConv2dNative: forward(true),
  FusedDepthwiseConv2D: forward(true),
  DepthwiseConv2dNativeBackpropInput: towardsInput(true),
  DepthwiseConv2dNativeBackpropFilter: towardsFilter(true),
};
