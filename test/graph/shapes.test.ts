/** Shapes inside ONNX models as we tell them, beside those that onnxruntime makes. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { checkOnnx } from '../../src/graph/index.js';
import type { OnnxAttribute, OnnxGraph, OnnxTensor } from '../../src/graph/onnx/schema.js';
import { computed, Given, numbersOf, shapeOf, typeOf } from '../../src/graph/onnx/shapes/index.js';
import { bytesOf, node, shapeTensor, tensor } from './hostile.js';

const x = (...dims: number[]) => tensor('', dims);
const list = (...values: number[]) => shapeTensor('', ...values);
const scalar = (value: number): OnnxTensor => ({ ...shapeTensor('', value), dims: [] });
const scales = (...values: number[]) =>
  tensor('', [values.length], { rawData: new Uint8Array(Float32Array.from(values).buffer) });

/** uint8. */
const bytes = (...dims: number[]) =>
  tensor('', dims, {
    dataType: 2,
    rawData: new Uint8Array(dims.reduce((product, side) => product * side, 1)),
  });
const one: OnnxTensor = { ...scales(1), dims: [] };
const zero = bytes();

const attribute = (name: string, value: number | number[] | string): OnnxAttribute => {
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: 3 };
  return typeof value === 'number' ? { name, i: value, type: 2 } : { name, ints: value, type: 7 };
};

type Case = [
  opType: string,
  inputs: (OnnxTensor | undefined)[],
  settings?: Record<string, number | number[] | string>,
  type?: number,
];

const cases: Case[] = [
  ['Relu', [x(2, 3)]],
  ['Add', [x(4, 1, 3), x(5, 1)]],
  ['Mul', [x(), x(2, 3)]],
  ['Sum', [x(2, 1), x(1, 3), x(3)]],
  ['PRelu', [x(2, 3, 4), x(3, 1)]],
  ['MatMul', [x(2, 1, 3, 4), x(5, 4, 6)]],
  ['MatMul', [x(4), x(2, 4, 3)]],
  ['MatMul', [x(2, 3, 4), x(4)]],
  ['MatMul', [x(4), x(4)]],
  ['Gemm', [x(2, 3), x(3, 5), x(5)]],
  ['Gemm', [x(3, 2), x(5, 3)], { transA: 1, transB: 1 }],
  ['Gemm', [x(3, 2), x(5, 3)], { transA: 2, transB: -1 }],
  ['Einsum', [x(2, 3, 4), x(4, 5)], { equation: 'abc,cd->bda' }],
  ['Einsum', [x(2, 3), x(3, 4)], { equation: 'cb, ba' }],
  ['Einsum', [x(2, 5, 3), x(1, 3, 4)], { equation: '...ij,...jk->...ik' }],
  ['Conv', [x(2, 3, 9, 8), x(4, 3, 3, 2)]],
  [
    'Conv',
    [x(2, 4, 9, 8), x(6, 2, 3, 3)],
    { strides: [2, 3], pads: [1, 0, 2, 1], dilations: [2, 1], group: 2 },
  ],
  ['Conv', [x(1, 1, 9, 8), x(1, 1, 3, 3)], { strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['Conv', [x(1, 1, 9), x(1, 1, 4)], { auto_pad: 'VALID' }],
  ['ConvTranspose', [x(2, 4, 5, 6), x(4, 3, 3, 3)], { strides: [2, 2], group: 2 }],
  [
    'ConvTranspose',
    [x(2, 4, 5, 6), x(4, 3, 3, 2)],
    { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 2], dilations: [2, 1] },
  ],
  ['ConvTranspose', [x(1, 1, 5, 6), x(1, 1, 3, 3)], { strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['ConvTranspose', [x(1, 1, 5, 6), x(1, 1, 3, 3)], { strides: [2, 2], output_shape: [10, 12] }],
  ['MaxPool', [x(1, 2, 9, 8)], { kernel_shape: [3, 2], strides: [2, 2] }],
  [
    'AveragePool',
    [x(1, 2, 9, 8)],
    { kernel_shape: [2, 2], strides: [2, 3], ceil_mode: 1, pads: [0, 1, 1, 0] },
  ],
  ['GlobalAveragePool', [x(1, 2, 9, 8)]],
  ['Reshape', [x(4, 6), list(0, -1, 2)]],
  ['Reshape', [x(4, 6), list(3, 8)]],
  ['Flatten', [x(2, 3, 4)], { axis: 2 }],
  ['Flatten', [x(2, 3, 4)], { axis: -3 }],
  ['Transpose', [x(2, 3, 4)], { perm: [2, 0, 1] }],
  ['Transpose', [x(2, 3, 4)]],
  ['Squeeze', [x(1, 3, 1), list(-1)]],
  ['Unsqueeze', [x(2, 3), list(0, -1)]],
  ['Concat', [x(2, 3), x(2, 4)], { axis: -1 }],
  ['Slice', [x(9, 8, 7), list(1, -3), list(6, 2 ** 40), list(0, -1), list(2, 1)]],
  ['Slice', [x(9, 8), list(-1, 5), list(-(2 ** 40), 0), list(0, 1), list(-2, -1)]],
  ['Slice', [x(9), list(2), list(-2)]],
  ['Slice', [x(9), list(-100), list(-1000), list(0), list(-1)]],
  ['Slice', [x(9), list(100), list(50), list(0), list(-2)]],
  ['Slice', [x(9), list(-100), list(-1000)]],
  ['Slice', [x(9), list(7), list(3)]],
  ['Pad', [x(2, 3), list(1, 0, 2, 4)]],
  ['Pad', [x(2, 3), list(1, -1), undefined, list(-1)]],
  ['Tile', [x(2, 3), list(2, 5)]],
  ['Expand', [x(3, 1), list(2, 1, 4)]],
  ['Gather', [x(4, 5, 6), list(1, 0, 2)], { axis: 1 }],
  ['Gather', [x(4, 5, 6), scalar(2)], { axis: -1 }],
  ['Resize', [x(1, 2, 5, 4), undefined, scales(1, 1, 2.5, 0.7)]],
  ['Resize', [x(1, 2, 5, 4), undefined, undefined, list(1, 2, 7, 3)]],
  ['Resize', [x(1, 2, 5, 4), undefined, undefined, list(7, 3)], { axes: [2, 3] }],
  ...['not_smaller', 'not_larger', 'stretch'].map(
    (policy): Case => [
      'Resize',
      [x(1, 1, 3, 10), undefined, undefined, list(10, 4)],
      { axes: [2, 3], keep_aspect_ratio_policy: policy },
    ],
  ),
  ['HannWindow', [scalar(12)]],
  ['CenterCropPad', [x(4, 6), list(9)], { axes: [-1] }],
  ['GatherND', [x(4, 5, 6), shapeTensor('', 1, 2, 3)]],
  ['GridSample', [x(1, 3, 4, 4), x(1, 5, 7, 2)]],
  [
    'MaxUnpool',
    [x(1, 1, 2, 2), { ...list(0, 1, 2, 3), dims: [1, 1, 2, 2] }],
    { kernel_shape: [3, 2], strides: [2, 2] },
  ],
  ['Col2Im', [x(1, 6, 4), list(3, 5), list(2, 3)], { strides: [1, 2] }],
  ['LSTM', [x(3, 2, 4), x(1, 20, 4), x(1, 20, 5)], { hidden_size: 5 }],
  ['RNN', [x(3, 2, 4), x(1, 5, 4), x(1, 5, 5)], { hidden_size: 5 }],
  ['GRU', [x(3, 2, 4), x(1, 15, 4), x(1, 15, 5)], { hidden_size: 5 }],
  ['MaxRoiPool', [x(1, 3, 8, 8), x(2, 5)], { pooled_shape: [3, 2] }],
  [
    'QLinearConv',
    [bytes(2, 3, 9, 8), one, zero, bytes(4, 3, 3, 2), one, zero, one, zero],
    { strides: [2, 1] },
    2,
  ],
  ['QLinearMatMul', [bytes(2, 3, 4), one, zero, bytes(4, 5), one, zero, one, zero], {}, 2],
  ['ConvInteger', [bytes(1, 2, 9, 8), bytes(4, 2, 3, 3)], { pads: [1, 1, 0, 0] }, 6],
  ['MatMulInteger', [bytes(2, 3, 4), bytes(4, 5)], {}, 6],
  ['RoiAlign', [x(1, 3, 8, 8), x(2, 4), list(0, 0)], { output_height: 5, output_width: 6 }],
  ['Multinomial', [x(2, 3)], { sample_size: 7 }, 6],
  ['DepthToSpace', [x(1, 8, 2, 3)], { blocksize: 2 }],
  ['SpaceToDepth', [x(1, 2, 4, 6)], { blocksize: 2 }],
  ['Shape', [x(2, 3, 4)], { start: 1 }, 7],
  ['ConstantOfShape', [list(2, 0, 3)]],
  ['Range', [scalar(3), scalar(10), scalar(2)], {}, 7],
  ['ArgMax', [x(2, 3, 4)], { axis: -1, keepdims: 0 }, 7],
  ['ReduceMean', [x(2, 3, 4), list(0, -1)]],
  ['ReduceSum', [x(2, 3, 4), list(1)], { keepdims: 0 }],
  ['ReduceSum', [x(2, 3, 4)], { keepdims: 0 }],
  ['ReduceSum', [x(2, 3, 4)], { noop_with_empty_axes: 1 }],
  ['ReduceMax', [x(2, 3, 4)]],
];

/** A graph of one node, whose inputs are constants. */
function graphOf([opType, inputs, settings = {}, type = 1]: Case): OnnxGraph {
  const names = inputs.map((input, i) => (input ? `i${i}` : ''));
  const attributes = Object.entries(settings).map(([name, value]) => attribute(name, value));
  return {
    name: 'one',
    node: [node(opType, names, 'y', { attribute: attributes })],
    initializer: inputs.flatMap((input, i) => (input ? [{ ...input, name: names[i] }] : [])),
    output: [{ name: 'y', type: { tensorType: { elemType: type } } }],
  };
}

async function dimsOf(graph: OnnxGraph, version = 18): Promise<readonly number[]> {
  const file = bytesOf(graph, { opsetImport: [{ domain: '', version }] });
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  try {
    return (await session.run({})).y.dims;
  } finally {
    await session.release();
  }
}

const told = ({ node: [first] = [], initializer = [] }: OnnxGraph) => {
  const of = (name: string) => initializer.find((each) => each.name === name);
  const numbers = (name: string) => numbersOf(of(name) ?? { dims: [65] });
  const type = (name: string) => of(name)?.dataType;
  return shapeOf(first.opType ?? '', new Given(first, { shape: (name) => of(name)?.dims, numbers, type }));
};

describe('shapes are those that onnxruntime makes', () => {
  test.each(cases)('%s, case %#', async (...given) => {
    const graph = graphOf(given as Case);
    expect(told(graph)).toEqual(await dimsOf(graph));
  });

  test.each([
    [x(2, 2, 3), list(2, 3, 5, 7)],
    [x(2, 3, 4), list(2, 3, 5, 7, 4)],
  ])('AffineGrid, which came later, case %#', async (...inputs) => {
    const graph = graphOf(['AffineGrid', inputs]);
    expect(told(graph)).toEqual(await dimsOf(graph, 20));
  });

  test('Split, even and by a list', async () => {
    const graph = graphOf(['Split', [x(7, 2), list(3, 4)], { axis: 0 }]);
    const [first] = graph.node ?? [];
    const outputs = { ...first, output: ['y', 'z'] };
    const known = { shape: () => [7, 2], numbers: () => [3, 4], type: () => 7 };
    expect([0, 1].map((n) => shapeOf('Split', new Given(outputs, known), n))).toEqual([
      [3, 2],
      [4, 2],
    ]);
    const even = { ...outputs, input: ['i0'] };
    expect([0, 1].map((n) => shapeOf('Split', new Given(even, known), n))).toEqual([
      [4, 2],
      [3, 2],
    ]);
  });
});

test('what does not fit, or is not known, is not told', () => {
  const none = (...given: Case) => expect(told(graphOf(given))).toBeUndefined();
  none('Add', [x(2), x(3)]);
  none('Add', [x(2), undefined]);
  none('Conv', [x(1, 1, 2, 2), x(1, 1, 5, 5)]);
  none('Conv', [x(1, 1, 2, 2), x(1, 1, 1, 1)], { strides: [0, 0] });
  none('Reshape', [x(4, 6), list(5, -1)]);
  none('Concat', [x(2), x(2)], { axis: 7 });
  none('Transpose', [x(2, 3)], { perm: [0, 9] });
  none('NonZero', [x(2, 3)]);
  none('toString', [x(2, 3)]);
});

/** Of the first output, with its type. */
function listOf({ node: [first] = [], initializer = [] }: OnnxGraph) {
  const of = (name: string) => initializer.find((each) => each.name === name);
  const numbers = (name: string) => numbersOf(of(name) ?? { dims: [65] });
  const known = {
    shape: (name: string) => of(name)?.dims,
    numbers,
    type: (name: string) => of(name)?.dataType,
  };
  const given = new Given(first, known);
  return [computed(first.opType ?? '', given), typeOf(first.opType ?? '', given)];
}

const ints = (...values: number[]) =>
  tensor('', [values.length], { dataType: 6, rawData: new Uint8Array(Int32Array.from(values).buffer) });

describe('lists of numbers are those that onnxruntime computes', () => {
  test.each<Case>([
    ['Div', [scales(1, 7), scales(2, -2)]],
    ['Div', [list(1, 7), list(2, -2)], {}, 7],
    ['Add', [ints(-(2 ** 31)), ints(-(2 ** 31) + 5000)], {}, 6],
    ['Add', [scales(2 ** 40), scales(70_000)]],
    ['Sub', [list(5), list(7, 2)], {}, 7],
    ['Cast', [scales(2.7, -2.7)], { to: 7 }, 7],
    ['Neg', [ints(-(2 ** 31), 3)], {}, 6],
    ['Concat', [list(1, 2), list(3)], { axis: 0 }, 7],
    ['Gather', [list(5, 6, 7), list(-1, 0)], {}, 7],
    ['ReduceProd', [ints(2 ** 10, 2 ** 16, 3)], { keepdims: 1 }, 6],
  ])('%s, case %#', async (...given) => {
    const graph = graphOf(given);
    const session = await ort.InferenceSession.create(bytesOf(graph), { logSeverityLevel: 3 });
    const { y } = await session.run({});
    await session.release();
    const type = { float32: 1, int32: 6, int64: 7 }[y.type as string];
    expect(listOf(graph)).toEqual([Array.from(y.data as Float32Array, Number), type]);
  });

  test.each<Case>([
    ['Gather', [{ ...list(1, 5000), dims: [2, 1] }, list(0)], { axis: 1 }, 7],
    [
      'Concat',
      [
        { ...list(1, 2), dims: [2, 1] },
        { ...list(3, 4), dims: [2, 1] },
      ],
      { axis: 1 },
      7,
    ],
    ['Add', [{ ...list(1, 2), dims: [2, 1] }, list(3, 4)], {}, 7],
    ['ReduceProd', [{ ...list(1, 2), dims: [2, 1] }], {}, 7],
    ['ReduceProd', [ints(2 ** 16, 2 ** 16, 3)], {}, 6],
    ['Sub', [list(2 ** 62), list(2 ** 62)], {}, 7],
    ['Mul', [list(2 ** 32), list(2 ** 32)], {}, 7],
    ['Cast', [scales(1e20)], { to: 6 }, 6],
    ['Neg', [scales(Number.NaN)]],
    ['Neg', [tensor('', [1], { dataType: 10, rawData: undefined, int32Data: [17_000] })], {}, 10],
  ])('or are not told: %s, case %#', (...given) => {
    expect(listOf(graphOf(given))[0]).toBeUndefined();
  });
});

test('what others have is no larger for it: an outer sum of a thousand by a thousand passes', () => {
  const graph = {
    ...graphOf(['Add', [x(1000, 1), x(1, 1000)]]),
    output: [
      {
        name: 'y',
        type: { tensorType: { elemType: 1, shape: { dim: [{ param: 'a' }, { param: 'b' }] } } },
      },
    ],
  };
  expect(() => checkOnnx(bytesOf(graph))).not.toThrow();
  expect(() => checkOnnx(bytesOf(graph), { limits: { numbers: 999_999 } })).toThrow(
    "its Add 'Add_y' makes 1000000 numbers, 1000×1000; raise limits.numbers if you trust it",
  );
});
