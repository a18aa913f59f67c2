/**
 * ONNX files that pass every check of their bytes and ask for more memory than there is when they run. What becomes
 * of each: onnxruntime does not load it, its run fails, or the watchdog ends its process.
 */
import type { OnnxAttribute, OnnxGraph, OnnxNode } from '../../src/graph/onnx/schema.js';
import { axis, bytesOf, floats, node, shapeTensor, tensor, withNode } from './hostile.js';

const ints = (name: string, ...values: number[]) => ({ name, ints: values, type: 7 });

const text = (name: string, value: string) => ({ name, s: Buffer.from(value), type: 3 });
const int = (name: string, i: number) => ({ name, i, type: 2 });

const byte = (name: string) => tensor(name, [], { dataType: 2, rawData: Uint8Array.of(1) });

/** A node of a column [100000, 1], a row [1, 100000] and others, each of them made of a few bytes. */
const bigger = (opType: string, inputs: string[], ...attribute: OnnxAttribute[]): OnnxGraph => ({
  ...withNode(
    node('ConstantOfShape', ['tall'], 'column'),
    node('ConstantOfShape', ['flat'], 'row'),
    ...Object.entries({ bytes: 2, places: 7, choices: 9 }).map(([name, to]) =>
      node('Cast', ['column'], `${name} down`, { attribute: [int('to', to)] }),
    ),
    node('Cast', ['row'], 'bytes across', { attribute: [int('to', 2)] }),
    node('Cast', ['image'], 'image of bytes', { attribute: [int('to', 2)] }),
    node('Cast', ['kernel'], 'kernel of bytes', { attribute: [int('to', 2)] }),
    node(opType, inputs, 'y', { attribute }),
  ),
  initializer: [
    shapeTensor('tall', 100_000, 1),
    shapeTensor('flat', 1, 100_000),
    tensor('image', [1, 1, 4, 4]),
    tensor('kernel', [1, 1, 3, 3]),
    tensor('theta', [1, 2, 3]),
    tensor('scales', [4], { rawData: floats(1, 1, 1e5, 1e5) }),
    shapeTensor('pads', 0, 0, 1e5, 1e5, 0, 0, 0, 0),
    shapeTensor('times', 1, 100_000),
    tensor('flat image', [1, 1, 1, 100]),
    shapeTensor('sizes', 10_000, 1),
    shapeTensor('grid', 1, 1, 100_000, 100_000),
    tensor('scale', []),
    byte('zero'),
    tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) }),
  ],
  output: [{ name: 'y', type: { tensorType: { elemType: OTHERS[opType] ?? 1 } } }],
});

/** Types of what such a node makes. */
const OTHERS: Readonly<Record<string, number>> = { ConvInteger: 6, MatMulInteger: 6, QLinearMatMul: 2 };

type Blowup = [what: string, opset: number, ...Parameters<typeof bigger>];
const blowups: Blowup[] = [
  ['Add', 18, 'Add', ['column', 'row']],
  ['Where', 18, 'Where', ['choices down', 'row', 'row']],
  ['Einsum without an arrow', 18, 'Einsum', ['column', 'row'], text('equation', 'ab,cd')],
  ['Einsum', 18, 'Einsum', ['column', 'row'], text('equation', 'ab, cd -> adbc')],
  ['Gemm', 18, 'Gemm', ['row', 'column'], int('transA', 1), int('transB', 1)],
  ['Gemm, transposed by a 2,', 18, 'Gemm', ['row', 'column'], int('transA', 2), int('transB', 2)],
  [
    'Resize that keeps proportions',
    18,
    'Resize',
    ['flat image', '', '', 'sizes'],
    ints('axes', 2, 3),
    text('keep_aspect_ratio_policy', 'not_smaller'),
  ],
  ['Upsample', 9, 'Upsample', ['image', 'scales']],
  ['ConvInteger', 18, 'ConvInteger', ['image of bytes', 'kernel of bytes'], ints('pads', 1e5, 1e5, 1e5, 1e5)],
  ['MatMulInteger', 18, 'MatMulInteger', ['bytes down', 'bytes across']],
  [
    'QLinearMatMul',
    18,
    'QLinearMatMul',
    ['bytes down', 'scale', 'zero', 'bytes across', 'scale', 'zero', 'scale', 'zero'],
  ],
  ['AffineGrid', 20, 'AffineGrid', ['theta', 'grid']],
  ['MatMul', 18, 'MatMul', ['column', 'row']],
  ['Gather', 18, 'Gather', ['row', 'places down'], axis(0)],
  ['Expand', 18, 'Expand', ['column', 'times']],
  ['Tile', 18, 'Tile', ['column', 'times']],
  ['Pad', 18, 'Pad', ['image', 'pads']],
  ['Resize', 18, 'Resize', ['image', '', 'scales']],
  ['Conv', 18, 'Conv', ['image', 'kernel'], ints('pads', 1e5, 1e5, 1e5, 1e5)],
  ['ConvTranspose', 18, 'ConvTranspose', ['image', 'kernel'], ints('strides', 1e5, 1e5)],
  [
    'MaxPool',
    18,
    'MaxPool',
    ['image'],
    ints('kernel_shape', 1e5, 1e5),
    ints('pads', 99_999, 99_999, 99_999, 99_999),
  ],
];

/** c0 = x and x, c1 = c0 and c0, … */
const doubled = Array.from({ length: 30 }, (_, i) =>
  node('Concat', [i ? `c${i - 1}` : 'x', i ? `c${i - 1}` : 'x'], `c${i}`, { attribute: [axis(0)] }),
);

/** An output of any shape. */
const anything = (name: string) => ({ name, type: { tensorType: { elemType: 1 } } });

/** One node in both branches of an If. */
function choice(output: string, inner: OnnxNode): OnnxNode {
  const [made = ''] = inner.output ?? [];
  const branch: OnnxGraph = { name: 'branch', node: [inner], output: [anything(made)] };
  const attribute = ['then_branch', 'else_branch'].map((name) => ({ name, g: branch, type: 5 }));
  return node('If', ['c'], output, { attribute });
}

/** As many numbers as nodes compute by the name f. */
function demanding(type: 'float32' | 'int32', ...nodes: OnnxNode[]): Uint8Array {
  const bytes = (value: number) =>
    type === 'float32' ? floats(value) : new Uint8Array(Int32Array.of(value).buffer);
  const dataType = type === 'float32' ? 1 : 6;
  const values = { one: 1, two: 2, huge: 1e10, least: -(2 ** 31), little: -(2 ** 31) + 5000, times: 100_000 };
  return bytesOf({
    ...withNode(
      ...nodes,
      node('Cast', ['f'], 'n', { attribute: [{ name: 'to', i: 7, type: 2 }] }),
      node('ConstantOfShape', ['n'], 'y'),
    ),
    output: [anything('y')],
    initializer: Object.entries(values)
      .filter(([, value]) => type === 'float32' || Math.abs(value) <= 2 ** 31)
      .map(([name, value]) => tensor(name, [1], { dataType, rawData: bytes(value) })),
  });
}

/** What is wrong with it, and its bytes. */
export const greedy: [string, () => Uint8Array][] = [
  [
    'a few bytes that ask for terabytes',
    () =>
      bytesOf({
        ...withNode(node('ConstantOfShape', ['n'], 'z'), node('Add', ['x', 'w'], 'y')),
        initializer: [tensor('w', [3]), shapeTensor('n', 1_000_000, 1_000_000)],
      }),
  ],
  [
    'what doubles thirty times',
    () =>
      bytesOf({
        ...withNode(...doubled, node('Add', ['x', 'w'], 'y')),
      }),
  ],
  [
    'tiles of tiles',
    () =>
      bytesOf({
        ...withNode(
          node('Tile', ['x', 'n'], 'a'),
          node('Tile', ['a', 'n'], 'b'),
          node('Tile', ['b', 'n'], 'y'),
        ),
        initializer: [shapeTensor('n', 1000, 1000)],
      }),
  ],
  ...blowups.map(([what, version, ...rest]): [string, () => Uint8Array] => [
    `${what} of small tensors that makes a huge one`,
    () => bytesOf(bigger(...rest), { opsetImport: [{ domain: '', version }] }),
  ]),
  [
    'terabytes by a shape that is computed',
    () =>
      bytesOf({
        ...withNode(
          node('Shape', ['long'], 'one'),
          node('Mul', ['one', 'one'], 'two'),
          node('Concat', ['two', 'one'], 'n', { attribute: [axis(0)] }),
          node('ConstantOfShape', ['n'], 'y'),
        ),
        initializer: [tensor('long', [50_000])],
      }),
  ],
  [
    'a huge one in a branch, of what is outside',
    () => {
      const inner = bigger('Add', ['column', 'row']);
      const branch: OnnxGraph = { name: 'branch', node: inner.node?.slice(-1), output: [anything('y')] };
      return bytesOf({
        ...inner,
        node: [
          ...(inner.node?.slice(0, -1) ?? []),
          node('If', ['c'], 'y', {
            attribute: [
              { name: 'then_branch', g: branch, type: 5 },
              { name: 'else_branch', g: branch, type: 5 },
            ],
          }),
        ],
      });
    },
  ],
  [
    'what doubles thirty times, written backwards',
    () => bytesOf({ ...withNode(...doubled.toReversed()), output: [anything('c29')] }),
  ],
  [
    'a value made twice, one of them small',
    () =>
      bytesOf({ ...withNode(node('Neg', ['x'], 'c2'), ...doubled.slice(0, 4)), output: [anything('c3')] }),
  ],
  [
    'a branch that makes what is outside again',
    () =>
      bytesOf({
        ...withNode(node('Neg', ['x'], 'z'), choice('y', node('Neg', ['x'], 'z'))),
        initializer: [tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) })],
      }),
  ],
  [
    'what doubles thirty times, each time in a branch',
    () =>
      bytesOf({
        ...withNode(
          ...doubled.map((each, i) => choice(`c${i}`, { ...each, output: [`d${i}`] })),
          node('Add', ['x', 'w'], 'y'),
        ),
        initializer: [tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) }), tensor('w', [3])],
      }),
  ],
  [
    'half of one, by floats that are whole',
    () => demanding('float32', node('Div', ['one', 'two'], 'half'), node('Mul', ['half', 'huge'], 'f')),
  ],
  [
    'a sum of int32 that wraps to a small number',
    () => demanding('int32', node('Add', ['least', 'little'], 'part'), node('Mul', ['part', 'times'], 'f')),
  ],
  [
    'a walk backwards from before the beginning, told to be empty',
    () =>
      bytesOf({
        ...withNode(node('Slice', ['w', 'from', 'to', 'axes', 'steps'], 'a'), node('Tile', ['a', 'n'], 'y')),
        initializer: [
          tensor('w', [3]),
          shapeTensor('from', -100),
          shapeTensor('to', -1000),
          shapeTensor('axes', 0),
          shapeTensor('steps', -1),
          shapeTensor('n', 500_000_000),
        ],
      }),
  ],
  [
    'a number that is none, among sizes',
    () =>
      bytesOf({
        ...withNode(
          node('Range', ['nan', 'nan', 'nan'], 'a'),
          node('ConstantOfShape', ['tall'], 'b'),
          node('Concat', ['a', 'b', 'b'], 'y', { attribute: [axis(0)] }),
        ),
        initializer: [tensor('nan', [], { rawData: floats(Number.NaN) }), shapeTensor('tall', 200_000_000)],
      }),
  ],
  [
    'an equation that spaces make too long to read',
    () =>
      bytesOf(bigger('Einsum', ['column', 'row'], text('equation', `${'ab,cd->abcd'}${' '.repeat(1000)}`))),
  ],
  ['a Fourier transform as long as it likes', () => bytesOf(withNode(node('DFT', ['x', 'w'], 'y')))],
];
