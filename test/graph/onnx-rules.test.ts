import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { traceFunction, writeOnnx } from '../../src/graph/index.js';
import { rules } from '../../src/graph/onnx/rules/index.js';
import { useBackend } from '../train/golden.js';
import { difference, numbers, read, write } from './onnx-run.js';

type T = Record<string, tf.Tensor>;
type Shape = (number | null)[];
interface Case {
  /** Kernels that must be in the graph. */
  readonly kernels: string[];
  readonly f: (inputs: T) => tf.Tensor | T;
  readonly inputs?: Record<string, Shape>;
  readonly dtypes?: Record<string, 'int32' | 'bool'>;
  /** Positive numbers in place of normal ones. */
  readonly positive?: boolean;
}

const IMAGE: Shape = [null, 6, 5, 3];
const image = (x: tf.Tensor) => x as tf.Tensor4D;
const filter = (...shape: [number, number, number, number]) => numbers(shape, 'float32', 9) as tf.Tensor4D;
/** Through a convolution before and after, so that the operation meets images [B, C, H, W]. */
const between =
  (f: (x: tf.Tensor4D) => tf.Tensor) =>
  ({ x }: T) =>
    f(tf.conv2d(image(x), filter(1, 1, 3, 4), 1, 'same'));

const one = (kernel: string, f: (x: tf.Tensor4D) => tf.Tensor, more: Partial<Case> = {}): Case[] => [
  { kernels: [kernel], f: ({ x }) => f(image(x)), ...more },
  ...(more.positive ? [] : [{ kernels: [kernel, 'Conv2D'], f: between(f), ...more }]),
];
const two = (
  kernel: string,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  more: Partial<Case> = {},
): Case[] => [
  { kernels: [kernel], f: ({ a, b }) => f(a, b), inputs: { a: [null, 3], b: [3] }, ...more },
  { kernels: [kernel], f: ({ a, b }) => f(a, b), inputs: { a: [null, 1, 3], b: [2, 1] }, ...more },
];
const pair = (kernel: string, f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  ...two(kernel, f),
  {
    kernels: [kernel],
    f: ({ x, b }) => f(tf.relu(tf.conv2d(image(x), filter(1, 1, 3, 3), 1, 'same')), b),
    inputs: { x: IMAGE, b: [3] },
  },
  {
    kernels: [kernel],
    f: ({ x, b }) => f(b, tf.conv2d(image(x), filter(1, 1, 3, 3), 1, 'same')),
    inputs: { x: IMAGE, b: [5, 1] },
  },
];
const ints = { dtypes: { a: 'int32', b: 'int32' } } as const;
const bools = { dtypes: { a: 'bool', b: 'bool' } } as const;
const indices = { inputs: { i: [null, 3] as Shape }, dtypes: { i: 'int32' } as const };

const cases: Case[] = [
  ...one('Abs', tf.abs),
  ...one('Ceil', tf.ceil),
  ...one('Cos', tf.cos),
  ...one('Cosh', tf.cosh),
  ...one('Erf', tf.erf),
  ...one('Exp', tf.exp),
  ...one('Floor', tf.floor),
  ...one('Neg', tf.neg),
  ...one('Reciprocal', tf.reciprocal),
  ...one('Relu', tf.relu),
  ...one('Round', tf.round),
  ...one('Sigmoid', tf.sigmoid),
  ...one('Sign', tf.sign),
  ...one('Sin', tf.sin),
  ...one('Sinh', tf.sinh),
  ...one('Softplus', tf.softplus),
  ...one('Tan', (x) => tf.tan(tf.tanh(x))),
  ...one('Tanh', tf.tanh),
  ...one('Atan', tf.atan),
  ...one('Asinh', tf.asinh),
  ...one('Log', tf.log, { positive: true }),
  ...one('Sqrt', tf.sqrt, { positive: true }),
  ...one('Rsqrt', tf.rsqrt, { positive: true }),
  ...one('Log1p', tf.log1p, { positive: true }),
  ...one('Square', tf.square),
  ...one('Expm1', tf.expm1),
  ...one('Elu', tf.elu),
  ...one('Selu', tf.selu),
  ...one('Relu6', tf.relu6),
  ...one('Step', tf.step),
  ...one('Asin', (x) => tf.asin(tf.tanh(x))),
  ...one('Acos', (x) => tf.acos(tf.tanh(x))),
  ...one('Atanh', (x) => tf.atanh(tf.mul(tf.tanh(x), 0.9))),
  ...one('Acosh', (x) => tf.acosh(tf.add(tf.square(x), 1.1))),
  ...one('LeakyRelu', (x) => tf.leakyRelu(x, 0.3)),
  ...one('ClipByValue', (x) => tf.clipByValue(x, -0.5, 0.25)),
  ...one('Prelu', (x) => tf.prelu(x, numbers([x.shape[3]]))),
  ...one('Abs', (x) => tf.add(tf.mul(x, 0.6), tf.mul(tf.abs(x), 0.4))),
  ...one('Cast', (x) => tf.greater(x, 0).toFloat()),
  ...one('Cast', (x) => tf.mul(x, 3).toInt()),
  ...one('IsNan', (x) => tf.isNaN(tf.log(x))),
  ...one('IsInf', (x) => tf.isInf(tf.div(x, 0))),
  ...one('IsFinite', (x) => tf.isFinite(tf.log(tf.relu(x)))),
  ...one('ZerosLike', (x) => tf.add(x, tf.zerosLike(x))),
  ...one('OnesLike', (x) => tf.add(x, tf.onesLike(x))),
  ...one('Select', (x) => tf.where(tf.greater(x, 0.5), tf.square(x), tf.zerosLike(x))),
  ...pair('Add', tf.add),
  ...pair('Sub', tf.sub),
  ...pair('Multiply', tf.mul),
  ...pair('RealDiv', (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5))),
  ...pair('Maximum', tf.maximum),
  ...pair('Minimum', tf.minimum),
  ...pair('SquaredDifference', tf.squaredDifference),
  ...pair('Greater', tf.greater),
  ...pair('GreaterEqual', tf.greaterEqual),
  ...pair('Less', tf.less),
  ...pair('LessEqual', tf.lessEqual),
  ...two('Mod', tf.mod),
  ...two('Mod', (a, b) => tf.mod(tf.sub(a, tf.scalar(2, 'int32')), tf.add(b, tf.scalar(1, 'int32'))), ints),
  ...two('Equal', tf.equal, ints),
  ...two('NotEqual', tf.notEqual, ints),
  ...two('FloorDiv', (a, b) => tf.floorDiv(a, tf.add(b, tf.scalar(1, 'int32'))), ints),
  ...two('Add', tf.add, ints),
  ...two('LogicalAnd', tf.logicalAnd, bools),
  ...two('LogicalOr', tf.logicalOr, bools),
  ...two('LogicalNot', (a) => tf.logicalNot(a), { ...bools, inputs: { a: [null, 4] } }),
  ...two('Pow', (a, b) => tf.pow(tf.abs(a), b)),
  ...two('AddN', (a, b) => tf.addN([a, tf.mul(a, b), a]), { inputs: { a: [null, 3], b: [null, 3] } }),

  ...[[1, 2], [3], [1], [0, 1, 2], undefined, [-1, 1]].flatMap((axis) => [
    ...one('Sum', (x) => tf.sum(x, axis)),
    ...one('Mean', (x) => tf.mean(x, axis)),
    ...one('Mean', (x) => tf.mean(x, axis, true)),
    ...one('Max', (x) => tf.max(x, axis)),
    ...one('Min', (x) => tf.min(x, axis)),
  ]),
  ...one('Prod', (x) => tf.prod(x, [2])),
  ...one('All', (x) => tf.all(tf.greater(x, -1), [1])),
  ...one('Any', (x) => tf.any(tf.greater(x, 1), [1, 2])),
  ...one('ArgMax', (x) => tf.argMax(x, 3)),
  ...one('ArgMin', (x) => tf.argMin(x, 1)),
  ...one('Softmax', (x) => tf.softmax(x)),
  ...one('Sum', (x) => tf.logSumExp(x, 3)),
  { kernels: ['Sum'], f: ({ x }) => tf.logSoftmax(x), inputs: { x: [null, 7] } },
  ...one('Cumsum', (x) => tf.cumsum(x, 2, true, true)),
  ...one('Cumsum', (x) => tf.cumsum(x, 3)),

  ...one('Reshape', (x) => x.reshape([x.shape[0], -1])),
  ...one('Reshape', (x) => x.reshape([-1, x.shape[3]])),
  ...one('ExpandDims', (x) => tf.expandDims(x, 1)),
  ...one('Transpose', (x) => tf.transpose(x, [0, 3, 1, 2])),
  ...one('Transpose', (x) => tf.transpose(x, [0, 2, 1, 3])),
  ...one('Slice', (x) => tf.slice(x, [0, 1, 0, 1], [-1, 3, -1, 2])),
  ...one('Slice', (x) => tf.slice(x, [0, 1, 0, 0], [2, 3, -1, -1])),
  ...one('Slice', (x) => tf.slice(x, 1, 1)),
  ...one('StridedSlice', (x) => tf.stridedSlice(x, [0, 1, 0, 0], [x.shape[0], 6, 5, 3], [1, 2, 1, 1])),
  ...one('StridedSlice', (x) => tf.stridedSlice(x, [0, 1, 0, 0], [0, 6, 5, 3], [1, 2, 1, 1], 0b1001, 0b1001)),
  ...one('StridedSlice', (x) =>
    tf.stridedSlice(x, [0, -4, 2, 0], [0, -1, 3, 0], [1, 1, 1, 1], 0b1001, 0b1001, 0, 0, 0b0100),
  ),
  ...one('Concat', (x) => tf.concat([x, tf.square(x)], 3)),
  ...one('Concat', (x) => tf.concat([x, x], 1)),
  { kernels: ['Concat'], f: ({ z, y }) => tf.concat([z, y], -1), inputs: { z: [null, 4], y: [null, 2] } },
  ...one('Tile', (x) => tf.tile(x, [1, 2, 1, 3])),
  ...one('Tile', (x) => tf.tile(x.mean().reshape([1]), [x.shape[0]])),
  ...one('Tile', (x) => tf.broadcastTo(x.mean([1, 2], true), x.shape)),
  ...one('Reverse', (x) => tf.reverse(x, [2, 3])),
  ...one('Pack', (x) => tf.stack([x, tf.neg(x)], 1)),
  ...one('Unpack', (x) => tf.sub(...(tf.unstack(x, 1).slice(2, 4) as [tf.Tensor, tf.Tensor]))),
  ...one('SplitV', (x) => tf.mul(...(tf.split(x, [2, 2, 2], 1).slice(1) as [tf.Tensor, tf.Tensor]))),
  { kernels: ['SplitV'], f: ({ x }) => tf.split(x, 2, 1)[1], inputs: { x: [null, 8] } },
  { kernels: ['Fill'], f: ({ x }) => tf.concat([x, tf.zeros([x.shape[0], 2])], 1), inputs: { x: [null, 8] } },
  {
    kernels: ['Fill'],
    f: ({ x }) => tf.concat([x.reshape([-1]), tf.ones([2 * x.shape[0]])]),
    inputs: { x: [null, 8] },
  },
  ...one('DepthToSpace', (x) => tf.depthToSpace(tf.concat([x, x, x, x], 3), 2, 'NHWC')),
  { kernels: ['GatherV2'], f: ({ i }) => tf.gather(numbers([7, 3]), i), ...indices },
  {
    kernels: ['GatherV2'],
    f: ({ x }) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1),
    inputs: { x: [null, 4, 3] },
  },
  { kernels: ['OneHot'], f: ({ i }) => tf.oneHot(i, 4, 2, -1), ...indices },

  ...one('PadV2', (x) =>
    tf.pad(
      x,
      [
        [0, 0],
        [1, 2],
        [0, 1],
        [2, 0],
      ],
      0.5,
    ),
  ),
  ...one('MirrorPad', (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
        [2, 1],
        [0, 0],
      ],
      'reflect',
    ),
  ),
  ...one('MirrorPad', (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
        [2, 0],
        [0, 0],
      ],
      'symmetric',
    ),
  ),

  { kernels: ['BatchMatMul'], f: ({ x }) => tf.matMul(x, numbers([5, 4])), inputs: { x: [null, 5] } },
  {
    kernels: ['BatchMatMul'],
    f: ({ x }) => tf.matMul(x, numbers([4, 5]), false, true),
    inputs: { x: [null, 5] },
  },
  { kernels: ['BatchMatMul'], f: ({ x }) => tf.matMul(x, x, true), inputs: { x: [null, 5] } },
  {
    kernels: ['BatchMatMul'],
    f: ({ x }) => tf.matMul(x, tf.tanh(x), false, true),
    inputs: { x: [null, 2, 5, 3] },
  },
  {
    kernels: ['_FusedMatMul'],
    f: ({ x }) =>
      tf.fused.matMul({
        a: x,
        b: numbers([5, 4]),
        bias: numbers([4]),
        activation: 'relu',
        transposeA: false,
        transposeB: false,
      }),
    inputs: { x: [null, 5] },
  },
  {
    kernels: ['Einsum'],
    f: ({ x }) => tf.einsum('bij,jk->bik', x, numbers([4, 2])),
    inputs: { x: [null, 3, 4] },
  },

  ...(['same', 'valid', 1] as const).flatMap((pad) =>
    [1, 2].map(
      (stride): Case => ({
        kernels: ['Conv2D'],
        f: ({ x }) => tf.conv2d(image(x), filter(3, pad === 1 ? 3 : 2, 3, 4), stride, pad),
      }),
    ),
  ),
  {
    kernels: ['Conv2D'],
    f: ({ x }) =>
      tf.conv2d(image(x), filter(3, 3, 3, 4), 1, [
        [0, 0],
        [2, 0],
        [1, 3],
        [0, 0],
      ]),
  },
  { kernels: ['Conv2D'], f: ({ x }) => tf.conv2d(image(x), filter(2, 2, 3, 4), 1, 'same', 'NHWC', 2) },
  {
    kernels: ['Conv2D'],
    f: ({ x, w }) => tf.conv2d(image(x), w as tf.Tensor4D, 1, 'same'),
    inputs: { x: IMAGE, w: [3, 3, 3, 2] },
  },
  {
    kernels: ['Conv2D'],
    f: ({ x }) => tf.conv1d(x as tf.Tensor3D, numbers([3, 4, 2]) as tf.Tensor3D, 2, 'same'),
    inputs: { x: [null, 9, 4] },
  },
  {
    kernels: ['FusedConv2D'],
    f: ({ x }) =>
      tf.fused.conv2d({
        x: image(x),
        filter: filter(3, 3, 3, 4),
        strides: 1,
        pad: 'same',
        bias: numbers([4]),
        activation: 'sigmoid',
      }),
  },
  ...[1, 2].map(
    (stride): Case => ({
      kernels: ['DepthwiseConv2dNative'],
      f: ({ x }) => tf.depthwiseConv2d(image(x), filter(3, 3, 3, 2), stride, 'same'),
    }),
  ),
  {
    kernels: ['FusedDepthwiseConv2D'],
    f: ({ x }) =>
      tf.fused.depthwiseConv2d({
        x: image(x),
        filter: filter(3, 3, 3, 1),
        strides: 1,
        pad: 'valid',
        bias: numbers([3]),
        activation: 'relu6',
      }),
  },
  ...(['same', 'valid'] as const).flatMap((pad) =>
    [
      [1, 0],
      [2, 0],
      [2, 1],
      [3, 0],
    ].map(
      ([stride, extra]): Case => ({
        kernels: ['Conv2DBackpropInput'],
        f: ({ x }) => {
          const side = (n: number) =>
            pad === 'same' ? n * stride - (stride > 1 ? extra : 0) : (n - 1) * stride + 4 + extra;
          return tf.conv2dTranspose(
            image(x),
            filter(4, 4, 2, 3),
            [x.shape[0], side(6), side(5), 2],
            stride,
            pad,
          );
        },
      }),
    ),
  ),
  ...(['same', 'valid'] as const).flatMap((pad) => [
    ...one('MaxPool', (x) => tf.maxPool(x, [3, 2], 2, pad)),
    ...one('AvgPool', (x) => tf.avgPool(x, [3, 2], 2, pad)),
  ]),
  ...one('AvgPool', (x) => tf.avgPool(x, 1, 2, 'valid')),
  ...one('FusedBatchNorm', (x) =>
    tf.batchNorm(
      x,
      numbers([x.shape[3]]) as tf.Tensor1D,
      tf.square(numbers([x.shape[3]], 'float32', 3)) as tf.Tensor1D,
      undefined,
      numbers([x.shape[3]], 'float32', 2) as tf.Tensor1D,
      0.01,
    ),
  ),
  ...[
    [12, 10],
    [18, 5],
    [3, 5],
    [6, 15],
  ].flatMap((size) =>
    [
      [false, false],
      [true, false],
      [false, true],
    ].flatMap(([align, half]) => [
      ...one('ResizeNearestNeighbor', (x) =>
        tf.image.resizeNearestNeighbor(x, size as [number, number], align, half),
      ),
      ...one('ResizeBilinear', (x) => tf.image.resizeBilinear(x, size as [number, number], align, half)),
    ]),
  ),
];

describe('rules of ONNX', () => {
  beforeAll(() => useBackend('cpu'));

  test.each(cases.map((each, i) => [`${each.kernels.join(' after ')} ${i}`, each] as const))(
    '%s computes what tfjs computes',
    async (_, { kernels, f, inputs = { x: IMAGE }, dtypes = {}, positive = false }) => {
      const list = Object.entries(inputs).map(([name, shape]) => ({ name, shape, dtype: dtypes[name] }));
      const ops = new Set(traceFunction(f, { inputs: list }).nodes.map(({ op }) => op));
      for (const kernel of kernels) expect(ops).toContain(kernel);
      const bytes = write(f, inputs, {}, dtypes);
      const given = Object.fromEntries(
        Object.entries(inputs).map(([name, shape], i) => {
          const tensor = numbers(
            shape.map((side) => side ?? 4),
            dtypes[name],
            i + 1,
          );
          return [name, positive ? tf.add(tf.abs(tensor), 0.1) : tensor];
        }),
      );
      expect(await difference(bytes, f, given)).toBeLessThan(1e-5);
    },
  );

  test('every rule has a test case', () => {
    const tested = new Set(cases.flatMap(({ kernels }) => kernels));
    expect(Object.keys(rules).filter((kernel) => !tested.has(kernel))).toEqual([]);
  });

  test('a part of the batch that grows with it is refused', () => {
    const half = (x: tf.Tensor) => tf.slice(tf.concat([x, x]), 0, x.shape[0]);
    const graph = traceFunction(({ x }) => half(x), { inputs: [{ name: 'x', shape: [null, 3] }] });
    expect(() => writeOnnx(graph)).toThrow(/Slice with a cut through the batch cannot be written/);
  });

  test('a kernel without a rule is named', () => {
    expect(() => write(({ x }) => tf.atan2(x, tf.square(x)), { x: [null, 3] })).toThrow(
      "onnx: no rule writes the kernel 'Atan2'",
    );
  });

  test('images are transposed once at each end, whatever is between', () => {
    const bytes = write(
      ({ x }) => {
        let y: tf.Tensor = x;
        for (let i = 0; i < 3; i++) {
          y = tf.conv2d(y as tf.Tensor4D, filter(3, 3, 3, 3), 1, 'same');
          y = tf.add(tf.mul(y, numbers([3])), numbers([3], 'float32', 2));
          y = tf.pad(tf.relu(y), [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]);
          y = tf.concat(
            [
              y.slice([0, 0, 0, 0], [-1, -1, -1, 1]),
              tf.maxPool(y as tf.Tensor4D, 1, 1, 'same').slice([0, 0, 0, 1], [-1, -1, -1, 2]),
            ],
            3,
          );
        }
        return { images: y, means: tf.mean(y, [1, 2]) };
      },
      { x: [null, 8, 8, 3] },
    );
    const turns = read(bytes).graph?.node?.filter(({ opType }) => opType === 'Transpose');
    expect(turns).toHaveLength(2);
  });
});
