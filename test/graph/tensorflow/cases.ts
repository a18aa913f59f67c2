/** A small computation for each kernel that is written for TensorFlow. */
import * as tf from '@tensorflow/tfjs-core';

type T = Record<string, tf.Tensor>;
type Dtype = 'float32' | 'int32' | 'bool';

export interface Case {
  /** A kernel that must be in the graph. */
  readonly kernel: string;
  readonly f: (inputs: T) => tf.Tensor | T;
  readonly inputs: Record<string, readonly number[]>;
  readonly dtypes?: Record<string, Dtype>;
}

/** Calls a kernel by its name. */
const call = (kernel: string, inputs: T | tf.Tensor[], attributes: object = {}): tf.Tensor[] => {
  const out: tf.Tensor | tf.Tensor[] = tf
    .engine()
    .runKernel(kernel, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
  return Array.isArray(out) ? out : [out];
};
const named = (tensors: tf.Tensor[]): T => Object.fromEntries(tensors.map((t, i) => [`y${i}`, t]));

const X = { x: [2, 3, 4] };
const IMAGES = { x: [2, 6, 5, 3] };
const unary = (kernel: string, f: (x: tf.Tensor) => tf.Tensor = (x) => call(kernel, { x })[0]): Case => ({
  kernel,
  f: ({ x }) => f(x),
  inputs: X,
});
const binary = (kernel: string, dtype: Dtype = 'float32'): Case[] =>
  [
    { a: [2, 3], b: [2, 3] },
    { a: [4, 1, 3], b: [2, 1] },
    { a: [], b: [3] },
  ].map((inputs) => ({
    kernel,
    f: ({ a, b }) => call(kernel, { a, b })[0],
    inputs: inputs as Case['inputs'],
    dtypes: { a: dtype, b: dtype },
  }));
const reduction = (kernel: string, name = 'axis', dtype: Dtype = 'float32'): Case[] =>
  [[0], [-1, 1], [0, 1, 2]].map((axis, i) => ({
    kernel,
    f: ({ x }) => call(kernel, { x }, { [name]: axis, keepDims: i === 1 })[0],
    inputs: X,
    dtypes: { x: dtype },
  }));
const argument = (kernel: string, dtype: Dtype = 'float32'): Case => ({
  kernel,
  f: ({ x }) => call(kernel, { x }, { axis: 1 })[0],
  inputs: X,
  dtypes: { x: dtype },
});
const cumulative = (kernel: string): Case[] =>
  [false, true].map((flag) => ({
    kernel,
    f: ({ x }) => call(kernel, { x }, { axis: 1, exclusive: flag, reverse: !flag })[0],
    inputs: X,
  }));

const elementwise: Case[] = [
  ...['Abs', 'Acos', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1'],
  ...['Floor', 'IsFinite', 'IsInf', 'IsNan', 'Log', 'Log1p', 'Neg', 'OnesLike', 'Reciprocal', 'Relu'],
  ...['Relu6', 'Round', 'Rsqrt', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Square'],
  ...['Tan', 'Tanh', 'ZerosLike'],
].map((kernel) => unary(kernel));

const more: Case[] = [
  unary('Acosh', (x) => tf.acosh(tf.add(x, 2))),
  unary('IsInf', (x) => tf.isInf(tf.div(1, tf.relu(x)))),
  unary('IsNan', (x) => tf.isNaN(tf.sqrt(x))),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.2, 0.3)),
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  unary('Step', (x) => tf.step(x)),
  unary('Step', (x) => tf.step(tf.sqrt(x), 0.25)),
  unary('Cast', (x) => tf.cast(tf.mul(x, 5), 'int32')),
  unary('Cast', (x) => tf.cast(tf.greater(x, 0), 'float32')),
  { kernel: 'Prelu', f: ({ x, a }) => tf.prelu(x, a), inputs: { ...X, a: [4] } },
  { kernel: 'EluGrad', f: ({ dy, y }) => call('EluGrad', { dy, y })[0], inputs: { dy: [3, 4], y: [3, 4] } },
  { kernel: 'ReluGrad', f: ({ dy, y }) => call('ReluGrad', { dy, y })[0], inputs: { dy: [3, 4], y: [3, 4] } },
  { kernel: 'AddN', f: ({ a, b, c }) => tf.addN([a, b, c]), inputs: { a: [3], b: [3], c: [3] } },
  ...['Add', 'Atan2', 'Equal', 'FloorDiv', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Maximum'].flatMap(
    (kernel) => binary(kernel),
  ),
  ...['Minimum', 'Mod', 'Multiply', 'NotEqual', 'Pow', 'RealDiv', 'SquaredDifference', 'Sub'].flatMap(
    (kernel) => binary(kernel),
  ),
  ...['Add', 'Multiply', 'Sub', 'Maximum', 'Less', 'Equal'].flatMap((kernel) => binary(kernel, 'int32')),
  ...['LogicalAnd', 'LogicalOr'].flatMap((kernel) => binary(kernel, 'bool')),
  { kernel: 'LogicalNot', f: ({ x }) => tf.logicalNot(x), inputs: X, dtypes: { x: 'bool' } },
  {
    kernel: 'Select',
    f: ({ c, a, b }) => tf.where(c, a, b),
    inputs: { c: [2, 3], a: [2, 3], b: [2, 3] },
    dtypes: { c: 'bool' },
  },
  ...[[], [1, 1]].map(
    (c): Case => ({
      kernel: 'Select',
      f: ({ c, a, b }) => ({ chosen: tf.where(c, a, b), negated: tf.where(tf.logicalNot(c), a, b) }),
      inputs: { c, a: [2, 3], b: [2, 3] },
      dtypes: { c: 'bool' },
    }),
  ),
];

const reductions: Case[] = [
  ...reduction('Sum'),
  ...reduction('Sum', 'axis', 'int32'),
  ...reduction('Mean'),
  ...reduction('Max', 'reductionIndices'),
  ...reduction('Min'),
  ...reduction('Prod'),
  ...reduction('All', 'axis', 'bool'),
  ...reduction('Any', 'axis', 'bool'),
  argument('ArgMax'),
  argument('ArgMax', 'bool'),
  argument('ArgMin'),
  ...cumulative('Cumsum'),
  ...cumulative('Cumprod'),
  { kernel: 'Mean', f: ({ x }) => call('Mean', { x }, { axis: [0] })[0], inputs: X, dtypes: { x: 'int32' } },
  { kernel: 'Softmax', f: ({ x }) => tf.softmax(x), inputs: { x: [3, 5] } },
];

const shapes: Case[] = [
  unary('Reshape', (x) => tf.reshape(x, [4, 6])),
  unary('ExpandDims', (x) => call('ExpandDims', { input: x }, { dim: 1 })[0]),
  unary('Slice', (x) => tf.slice(x, [0, 1, 2], [2, -1, 1])),
  unary('StridedSlice', (x) => tf.stridedSlice(x, [0, 2, 3], [2, 0, 0], [1, -1, -2])),
  unary('StridedSlice', (x) => tf.stridedSlice(x, [0, 1], [2, 2], [1, 1], 1, 0, 0, 0, 2)),
  unary('Transpose', (x) => tf.transpose(x, [2, 0, 1])),
  unary('Tile', (x) => tf.tile(x, [1, 2, 3])),
  unary('Tile', (x) => tf.tile(tf.slice(x, [0, 0, 0], [1, 1, 1]), [2, 1, 3])),
  unary('Reverse', (x) => tf.reverse(x, [0, -1])),
  unary('PadV2', (x) =>
    tf.pad(
      x,
      [
        [0, 1],
        [2, 0],
        [1, 1],
      ],
      0.5,
    ),
  ),
  unary('MirrorPad', (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      'reflect',
    ),
  ),
  unary('MirrorPad', (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
      'symmetric',
    ),
  ),
  { kernel: 'SplitV', f: ({ x }) => named(tf.split(x, [1, 3], 2)), inputs: X },
  { kernel: 'Unpack', f: ({ x }) => named(tf.unstack(x, 1)), inputs: X },
  { kernel: 'TopK', f: ({ x }) => named(Object.values(tf.topk(x, 2))), inputs: X },
  { kernel: 'Concat', f: ({ a, b }) => tf.concat([a, b], 1), inputs: { a: [2, 3], b: [2, 2] } },
  { kernel: 'Pack', f: ({ a, b }) => tf.stack([a, b], 1), inputs: { a: [2, 3], b: [2, 3] } },
  {
    kernel: 'GatherV2',
    f: ({ x, i }) => tf.gather(x, i, 1),
    inputs: { ...X, i: [4] },
    dtypes: { i: 'int32' },
  },
  {
    kernel: 'GatherNd',
    f: ({ x, i }) => tf.gatherND(x, i),
    inputs: { x: [3, 3, 2], i: [3, 2] },
    dtypes: { i: 'int32' },
  },
  {
    kernel: 'ScatterNd',
    f: ({ i, u }) => tf.scatterND(i, u, [3, 4]),
    inputs: { i: [5, 1], u: [5, 4] },
    dtypes: { i: 'int32' },
  },
  {
    kernel: 'UnsortedSegmentSum',
    f: ({ x, i }) => tf.unsortedSegmentSum(x, i as tf.Tensor1D, 3),
    inputs: { x: [5, 2], i: [5] },
    dtypes: { i: 'int32' },
  },
  {
    kernel: 'OneHot',
    f: ({ i }) => tf.oneHot(i, 4, 0.9, 0.1, 'float32'),
    inputs: { i: [2, 3] },
    dtypes: { i: 'int32' },
  },
  unary('Fill', (x) => tf.add(x, tf.fill([3, 4], 0.25))),
  unary('Range', (x) => tf.mul(x, tf.range(4, 0))),
  unary('Range', (x) => tf.mul(x, tf.range(4, -4, -2))),
  unary('LinSpace', (x) => tf.mul(x, tf.linspace(-1, 2, 4))),
  { kernel: 'Diag', f: ({ x }) => call('Diag', { x })[0], inputs: { x: [3] } },
];

const matrices: Case[] = [
  ...[false, true].map(
    (flag): Case => ({
      kernel: 'BatchMatMul',
      f: ({ a, b }) => tf.matMul(a, b, flag, flag),
      inputs: flag ? { a: [3, 2], b: [4, 3] } : { a: [2, 3], b: [3, 4] },
    }),
  ),
  { kernel: 'BatchMatMul', f: ({ a, b }) => tf.matMul(a, b), inputs: { a: [5, 2, 3], b: [5, 3, 4] } },
  { kernel: 'BatchMatMul', f: ({ a, b }) => tf.matMul(a, b), inputs: { a: [5, 2, 3], b: [1, 3, 4] } },
  { kernel: 'Einsum', f: ({ a, b }) => tf.einsum('ij,jk->ik', a, b), inputs: { a: [2, 3], b: [3, 4] } },
  ...(['relu', 'elu', 'sigmoid', 'relu6', 'linear'] as const).map(
    (activation): Case => ({
      kernel: '_FusedMatMul',
      f: ({ a, b, bias }) => tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias, activation }),
      inputs: { a: [2, 3], b: [3, 4], bias: [4] },
    }),
  ),
];

const filterOf = (...shape: number[]) => ({ filter: shape });
const convolutions: Case[] = [
  ...(
    [
      'same',
      'valid',
      [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ],
    ] as const
  ).flatMap((pad): Case[] => [
    {
      kernel: 'Conv2D',
      f: ({ x, filter }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 1], pad as 'same'),
      inputs: { ...IMAGES, ...filterOf(3, 2, 3, 4) },
    },
    {
      kernel: 'DepthwiseConv2dNative',
      f: ({ x, filter }) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad as 'same'),
      inputs: { ...IMAGES, ...filterOf(3, 2, 3, 2) },
    },
  ]),
  {
    kernel: 'Conv2D',
    f: ({ x, filter }) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same', 'NHWC', 2),
    inputs: { ...IMAGES, ...filterOf(3, 3, 3, 2) },
  },
  {
    kernel: 'FusedConv2D',
    f: ({ x, filter, bias, slope }) =>
      tf.fused.conv2d({
        ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', bias },
        ...{ activation: 'prelu', preluActivationWeights: slope },
      }),
    inputs: { ...IMAGES, ...filterOf(3, 3, 3, 2), bias: [2], slope: [2] },
  },
  {
    kernel: 'FusedDepthwiseConv2D',
    f: ({ x, filter, bias }) =>
      tf.fused.depthwiseConv2d({
        ...{ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'same', bias },
        ...{ activation: 'leakyrelu', leakyreluAlpha: 0.3 },
      }),
    inputs: { ...IMAGES, ...filterOf(3, 3, 3, 1), bias: [3] },
  },
  ...(['same', 'valid'] as const).map(
    (pad): Case => ({
      kernel: 'Conv2DBackpropFilter',
      f: ({ x, dy }) => {
        const attributes = { strides: [3, 2], pad, dataFormat: 'NHWC', filterShape: [1, 1, 8, 4] };
        return call('Conv2DBackpropFilter', { x, dy }, attributes)[0];
      },
      inputs: { x: [2, 6, 5, 8], dy: [2, 2, 3, 4] },
    }),
  ),
  ...(['same', 'valid'] as const).flatMap((pad): Case[] => {
    const [height, width] = pad === 'same' ? [3, 3] : [2, 2];
    const attributes = { strides: [2, 2], pad, dataFormat: 'NHWC', dimRoundingMode: undefined };
    const deep = { strides: [2, 2], pad, dilations: [1, 1], dimRoundingMode: undefined };
    return [
      {
        kernel: 'Conv2DBackpropFilter',
        f: ({ x, dy }) =>
          call('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape: [3, 3, 3, 4] })[0],
        inputs: { ...IMAGES, dy: [2, height, width, 4] },
      },
      {
        kernel: 'Conv2DBackpropInput',
        f: ({ dy, filter }) =>
          call('Conv2DBackpropInput', { dy, filter }, { ...attributes, inputShape: [2, 6, 5, 3] })[0],
        inputs: { dy: [2, height, width, 4], ...filterOf(3, 3, 3, 4) },
      },
      {
        kernel: 'DepthwiseConv2dNativeBackpropFilter',
        f: ({ x, dy }) =>
          call('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { ...deep, filterShape: [3, 3, 3, 2] })[0],
        inputs: { ...IMAGES, dy: [2, height, width, 6] },
      },
      {
        kernel: 'DepthwiseConv2dNativeBackpropInput',
        f: ({ dy, filter }) =>
          call(
            'DepthwiseConv2dNativeBackpropInput',
            { dy, filter },
            { ...deep, inputShape: [2, 6, 5, 3] },
          )[0],
        inputs: { dy: [2, height, width, 6], ...filterOf(3, 3, 3, 2) },
      },
    ];
  }),
];

const pool = { filterSize: [3, 2], strides: [2, 1], dimRoundingMode: undefined };
const pools: Case[] = (['same', 'valid'] as const).flatMap((pad): Case[] => {
  const attributes = { ...pool, pad };
  const dy = pad === 'same' ? [2, 3, 5, 3] : [2, 2, 4, 3];
  return [
    { kernel: 'MaxPool', f: ({ x }) => call('MaxPool', { x }, attributes)[0], inputs: IMAGES },
    { kernel: 'AvgPool', f: ({ x }) => call('AvgPool', { x }, attributes)[0], inputs: IMAGES },
    {
      kernel: 'MaxPoolGrad',
      f: ({ x, dy }) => {
        const [output] = call('MaxPool', { x }, attributes);
        return call('MaxPoolGrad', { dy, input: x, output }, attributes)[0];
      },
      inputs: { ...IMAGES, dy },
    },
    {
      kernel: 'AvgPoolGrad',
      f: ({ x, dy }) => call('AvgPoolGrad', { dy, input: x }, attributes)[0],
      inputs: { ...IMAGES, dy },
    },
  ];
});

const channels = { scale: [3], shift: [3], mean: [3], variance: [3] };
const normalizations: Case[] = [
  {
    kernel: 'FusedBatchNorm',
    f: ({ x, mean, variance, scale, shift }) =>
      tf.batchNorm(
        x,
        mean as tf.Tensor1D,
        tf.square(variance) as tf.Tensor1D,
        shift as tf.Tensor1D,
        scale as tf.Tensor1D,
      ),
    inputs: { ...IMAGES, ...channels },
  },
  {
    kernel: 'FusedBatchNorm',
    f: ({ x, mean, variance }) => tf.batchNorm(x, mean as tf.Tensor1D, tf.square(variance) as tf.Tensor1D),
    inputs: { ...IMAGES, mean: [3], variance: [3] },
  },
  {
    kernel: 'FusedBatchNormV3',
    f: (inputs) => named(call('FusedBatchNormV3', inputs, { epsilon: 1e-3, momentum: 0.1 }).slice(0, 3)),
    inputs: { ...IMAGES, ...channels },
  },
  {
    kernel: 'FusedBatchNormGradV3',
    f: ({ dy, ...inputs }) => {
      const { x, scale } = inputs;
      const [, , , mean, variance, reserve] = call('FusedBatchNormV3', inputs, {
        epsilon: 1e-3,
        momentum: 0.1,
      });
      const given = { dy, x, scale, mean, variance, reserve };
      return named(call('FusedBatchNormGradV3', given, { epsilon: 1e-3 }).slice(0, 3));
    },
    inputs: { ...IMAGES, dy: IMAGES.x, ...channels },
  },
];

const resizing: Case[] = (['ResizeBilinear', 'ResizeNearestNeighbor'] as const).flatMap((kernel) =>
  [false, true].flatMap((alignCorners): Case[] => [
    {
      kernel,
      f: ({ x }) =>
        call(kernel, { images: x }, { size: [9, 4], alignCorners, halfPixelCenters: !alignCorners })[0],
      inputs: IMAGES,
    },
    {
      kernel: `${kernel}Grad`,
      f: ({ x, dy }) => call(`${kernel}Grad`, { images: x, dy }, { alignCorners })[0],
      inputs: { ...IMAGES, dy: [2, 9, 4, 3] },
    },
  ]),
);

const random: Case[] = [
  {
    kernel: 'StatelessRandomUniform',
    f: ({ seed }) => call('StatelessRandomUniform', { seed }, { shape: [3, 5] })[0],
    inputs: { seed: [2] },
    dtypes: { seed: 'int32' },
  },
];

export const cases: readonly Case[] = [
  ...[...elementwise, ...more, ...reductions, ...shapes, ...matrices],
  ...[...convolutions, ...pools, ...normalizations, ...resizing, ...random],
];
