/** ONNX files that nobody should run, made from an honest one. */

import {
  model as modelSchema,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../src/graph/onnx/schema.js';
import { encode } from '../../src/graph/protobuf.js';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const longs = (...values: number[]) => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);

export const tensor = (name: string, dims: number[], more: Partial<OnnxTensor> = {}): OnnxTensor => ({
  name,
  dims,
  dataType: 1,
  rawData: floats(...Array(dims.reduce((n, side) => n * side, 1)).fill(0.5)),
  ...more,
});
export const shapeTensor = (name: string, ...sizes: number[]): OnnxTensor => ({
  name,
  dims: [sizes.length],
  dataType: 7,
  rawData: longs(...sizes),
});
export const node = (
  opType: string,
  input: string[],
  output: string,
  more: Partial<OnnxNode> = {},
): OnnxNode => ({
  opType,
  input,
  output: [output],
  name: `${opType}_${output}`,
  ...more,
});
const port = (name: string, ...sides: (number | string)[]) => ({
  name,
  type: {
    tensorType: {
      elemType: 1,
      shape: { dim: sides.map((side) => (typeof side === 'string' ? { param: side } : { value: side })) },
    },
  },
});

/** y = x + w, x [B, 3]. */
export const honest: OnnxGraph = {
  name: 'honest',
  node: [node('Add', ['x', 'w'], 'y')],
  initializer: [tensor('w', [3])],
  input: [port('x', 'batch', 3)],
  output: [port('y', 'batch', 3)],
};

export function bytesOf(graph: OnnxGraph, more: Partial<OnnxModel> = {}): Uint8Array {
  const file: OnnxModel = { irVersion: 8, opsetImport: [{ domain: '', version: 18 }], graph, ...more };
  return encode(modelSchema, file as never);
}

/** x through a graph in a branch of an If, inside another, and so on. */
function nested(depth: number): OnnxNode {
  const inner = depth === 0 ? node('Identity', ['x'], 'y') : nested(depth - 1);
  const branch: OnnxGraph = { name: 'branch', node: [inner], output: [port('y', 'batch', 3)] };
  return node('If', ['c'], 'y', {
    attribute: [
      { name: 'then_branch', g: branch, type: 5 },
      { name: 'else_branch', g: branch, type: 5 },
    ],
  });
}

const whole = bytesOf(honest);
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
/** A field of the wire format: tag, length, content. */
function field(id: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return concat(Uint8Array.of(id * 8 + 2), Uint8Array.from(length), content);
}

const withNode = (...nodes: OnnxNode[]): OnnxGraph => ({ ...honest, node: nodes });
const withTensor = (w: OnnxTensor): OnnxGraph => ({ ...honest, initializer: [w] });

/** A field whose tag has more than 32 bits: to a reader that keeps 32 of them it is the graph. */
const hidden = Uint8Array.of(0xba, 0x80, 0x80, 0x80, 0x10, 0);

/** Names by the hundred thousand; whatever is done for each of them must not be done for each pair. */
const crowd = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);

const axis = (i: number) => ({ name: 'axis', i, type: 2 });
const ints = (name: string, ...values: number[]) => ({ name, ints: values, type: 7 });

/** A node of a column [100000, 1], a row [1, 100000] and others, each of them made of a few bytes. */
const bigger = (opType: string, inputs: string[], more: Partial<OnnxNode> = {}): OnnxGraph => ({
  ...withNode(
    node('ConstantOfShape', ['tall'], 'column'),
    node('ConstantOfShape', ['flat'], 'row'),
    node(opType, inputs, 'y', more),
  ),
  initializer: [
    shapeTensor('tall', 100_000, 1),
    shapeTensor('flat', 1, 100_000),
    tensor('image', [1, 1, 4, 4]),
    tensor('kernel', [1, 1, 3, 3]),
    tensor('scales', [4], { rawData: floats(1, 1, 1e5, 1e5) }),
    shapeTensor('pads', 0, 0, 1e5, 1e5, 0, 0, 0, 0),
    shapeTensor('times', 1, 100_000),
    tensor('flat image', [1, 1, 1, 100]),
    shapeTensor('sizes', 10_000, 1),
    shapeTensor('grid', 1, 1, 100_000, 100_000),
    tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) }),
  ],
});

const blowups: Record<string, [() => OnnxGraph, string]> = {
  Add: [() => bigger('Add', ['column', 'row']), '100000×100000'],
  Where: [() => bigger('Where', ['column', 'row', 'column']), '100000×100000'],
  'Einsum without an arrow': [
    () => bigger('Einsum', ['column', 'row'], { attribute: [{ name: 'equation', s: Buffer.from('ab,cd') }] }),
    '100000×1×1×100000',
  ],
  'Gemm, transposed by a 2,': [
    () =>
      bigger('Gemm', ['row', 'column'], { attribute: ['transA', 'transB'].map((name) => ({ name, i: 2 })) }),
    '100000×100000',
  ],
  'Resize that keeps proportions': [
    () =>
      bigger('Resize', ['flat image', '', '', 'sizes'], {
        attribute: [
          ints('axes', 2, 3),
          { name: 'keep_aspect_ratio_policy', s: Buffer.from('not_smaller'), type: 3 },
        ],
      }),
    '1×1×10000×1000000',
  ],
  Upsample: [
    () =>
      bigger('Upsample', ['image'], { attribute: [{ name: 'scales', floats: [1, 1, 1e5, 1e5], type: 6 }] }),
    '1×1×400000×400000',
  ],
  ConvInteger: [
    () => bigger('ConvInteger', ['image', 'kernel'], { attribute: [ints('pads', 1e5, 1e5, 1e5, 1e5)] }),
    '1×1×200002×200002',
  ],
  MatMulInteger: [() => bigger('MatMulInteger', ['column', 'row']), '100000×100000'],
  QLinearMatMul: [
    () => bigger('QLinearMatMul', ['column', 'c', 'c', 'row', 'c', 'c', 'c', 'c']),
    '100000×100000',
  ],
  AffineGrid: [() => bigger('AffineGrid', ['image', 'grid']), '1×100000×100000×2'],
  MatMul: [() => bigger('MatMul', ['column', 'row']), '100000×100000'],
  Gemm: [
    () =>
      bigger('Gemm', ['row', 'column'], { attribute: ['transA', 'transB'].map((name) => ({ name, i: 1 })) }),
    '100000×100000',
  ],
  Einsum: [
    () =>
      bigger('Einsum', ['column', 'row'], {
        attribute: [{ name: 'equation', s: Buffer.from('ab, cd -> adbc') }],
      }),
    '100000×100000×1×1',
  ],
  Gather: [() => bigger('Gather', ['row', 'column'], { attribute: [axis(0)] }), '100000×1×100000'],
  Expand: [() => bigger('Expand', ['column', 'times']), '100000×100000'],
  Tile: [() => bigger('Tile', ['column', 'times']), '100000×100000'],
  Pad: [() => bigger('Pad', ['image', 'pads']), '1×1×100004×100004'],
  Resize: [() => bigger('Resize', ['image', '', 'scales']), '1×1×400000×400000'],
  Conv: [
    () => bigger('Conv', ['image', 'kernel'], { attribute: [ints('pads', 1e5, 1e5, 1e5, 1e5)] }),
    '1×1×200002×200002',
  ],
  ConvTranspose: [
    () => bigger('ConvTranspose', ['image', 'kernel'], { attribute: [ints('strides', 1e5, 1e5)] }),
    '1×1×300003×300003',
  ],
  MaxPool: [
    () =>
      bigger('MaxPool', ['image'], {
        attribute: [ints('kernel_shape', 1e5, 1e5), ints('pads', 1e5, 1e5, 1e5, 1e5)],
      }),
    '1×1×100005×100005',
  ],
};

/** c0 = x and x, c1 = c0 and c0, … */
const doubled = Array.from({ length: 30 }, (_, i) =>
  node('Concat', [i ? `c${i - 1}` : 'x', i ? `c${i - 1}` : 'x'], `c${i}`, { attribute: [axis(0)] }),
);

/** One node in both branches of an If. */
function choice(output: string, inner: OnnxNode): OnnxNode {
  const [made = ''] = inner.output ?? [];
  const branch: OnnxGraph = { name: 'branch', node: [inner], output: [port(made)] };
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
    initializer: Object.entries(values)
      .filter(([, value]) => type === 'float32' || Math.abs(value) <= 2 ** 31)
      .map(([name, value]) => tensor(name, [1], { dataType, rawData: bytes(value) })),
  });
}

/** What is wrong with it, its bytes, and what is said. */
export const hostile: [string, () => Uint8Array, RegExp][] = [
  ['nothing at all', () => new Uint8Array(0), /holds no graph/],
  [
    'another kind of file',
    () => Buffer.from('PK\x03\x04 this is a zip archive, or says so'),
    /is not an ONNX model, or is damaged/,
  ],
  ['a file cut short', () => whole.subarray(0, whole.length - 10), /ends in the middle of a value/],
  [
    'a length beyond its end',
    () => Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f),
    /ends in the middle of a value/,
  ],
  [
    'a number without end',
    () => concat(Uint8Array.of(0x08), new Uint8Array(20).fill(0xff)),
    /a number has no end/,
  ],
  [
    'two graphs, one of them hidden',
    () => concat(whole, field(7, new Uint8Array(0))),
    /'graph' is there twice/,
  ],
  [
    'a graph in a graph in a graph …',
    () => {
      let graph: Uint8Array = new Uint8Array(0);
      for (let i = 0; i < 5000; i++) graph = field(1, field(5, field(6, graph)));
      return field(7, graph);
    },
    /nested too deeply/,
  ],
  [
    'millions of empty nodes in few bytes',
    () =>
      field(
        7,
        new Uint8Array(10_000_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0)),
      ),
    /too many values/,
  ],
  [
    'more nodes than limits allow',
    () => bytesOf(withNode(...Array.from({ length: 20_001 }, (_, i) => node('Neg', ['x'], `y${i}`)))),
    /more than 20000 nodes/,
  ],
  [
    'branches in branches',
    () =>
      bytesOf({
        ...withNode(nested(6)),
        initializer: [tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) })],
      }),
    /nests graphs more than 4 deep|nested too deeply/,
  ],
  [
    'weights in another file',
    () =>
      bytesOf(
        withTensor(
          tensor('w', [3], {
            rawData: undefined,
            dataLocation: 1,
            externalData: [{ key: 'location', value: '../../../etc/passwd' }],
          }),
        ),
      ),
    /'w' keeps its numbers in another file/,
  ],
  [
    'a constant in another file',
    () =>
      bytesOf(
        withNode(
          node('Constant', [], 'y', {
            attribute: [
              {
                name: 'value',
                type: 4,
                t: tensor('k', [3], {
                  rawData: undefined,
                  externalData: [{ key: 'location', value: '/etc/passwd' }],
                }),
              },
            ],
          }),
        ),
      ),
    /'k' keeps its numbers in another file/,
  ],
  [
    'operators of a library',
    () => bytesOf(withNode(node('Inverse', ['x'], 'y', { domain: 'com.microsoft' }))),
    /operators of the domain 'com.microsoft'/,
  ],
  [
    'a library imported',
    () =>
      bytesOf(honest, {
        opsetImport: [
          { domain: '', version: 18 },
          { domain: 'evil.ops', version: 1 },
        ],
      }),
    /operators of the domain 'evil.ops'/,
  ],
  [
    'functions of its own',
    () => bytesOf(honest, { functions: [Uint8Array.of(0x0a, 1, 0x66)] }),
    /brings functions of its own/,
  ],
  [
    'a training graph',
    () => bytesOf(honest, { trainingInfo: [new Uint8Array(0)] }),
    /brings a training graph/,
  ],
  [
    'no version of the operators',
    () => bytesOf(honest, { opsetImport: [] }),
    /which version of the operators/,
  ],
  [
    'a loop',
    () => bytesOf(withNode(node('Loop', [], 'y', { attribute: [{ name: 'body', type: 5, g: honest }] }))),
    /has a Loop, which may never end/,
  ],
  [
    'a tensor larger than its data',
    () => bytesOf(withTensor(tensor('w', [3], { dims: [1000, 1000] }))),
    /data for 3 numbers and a shape of 1000000/,
  ],
  [
    'a tensor of absurd size',
    () => bytesOf(withTensor(tensor('w', [3], { dims: [2 ** 31, 2 ** 31] }))),
    /'w' has 4611686018427388000 numbers/,
  ],
  ['a negative size', () => bytesOf(withTensor(tensor('w', [3], { dims: [-3] }))), /negative size/],
  ['an unknown type', () => bytesOf(withTensor(tensor('w', [3], { dataType: 99 }))), /of type 99/],
  [
    'sparse weights',
    () => bytesOf({ ...honest, sparseInitializer: [{ dims: [2 ** 40], values: tensor('s', [1]) }] }),
    /has sparse weights/,
  ],
  [
    'a few bytes that ask for terabytes',
    () =>
      bytesOf({
        ...withNode(node('ConstantOfShape', ['n'], 'z'), node('Add', ['x', 'w'], 'y')),
        initializer: [tensor('w', [3]), shapeTensor('n', 1_000_000, 1_000_000)],
      }),
    /ConstantOfShape 'ConstantOfShape_z' makes 1000000000000 numbers, 1000000×1000000; raise/,
  ],
  [
    'what doubles thirty times',
    () =>
      bytesOf({
        ...withNode(
          ...Array.from({ length: 30 }, (_, i) =>
            node('Concat', [i ? `c${i - 1}` : 'x', i ? `c${i - 1}` : 'x'], `c${i}`, {
              attribute: [{ name: 'axis', i: 0, type: 2 }],
            }),
          ),
          node('Add', ['x', 'w'], 'y'),
        ),
      }),
    /Concat 'Concat_c\d+' makes/,
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
    /Tile 'Tile_\w' makes/,
  ],
  ...Object.entries(blowups).map(([opType, [graph, sides]]): [string, () => Uint8Array, RegExp] => [
    `${opType} of small tensors that makes a huge one`,
    () => bytesOf(graph()),
    new RegExp(`its (\\w+) '\\1_y' makes \\d+ numbers, ${sides}; raise limits.numbers`),
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
    /ConstantOfShape 'ConstantOfShape_y' makes 125000000000000 numbers, 2500000000×50000;/,
  ],
  [
    'a huge one in a branch, of what is outside',
    () => {
      const inner = bigger('Add', ['column', 'row']);
      const branch: OnnxGraph = { name: 'branch', node: inner.node?.slice(-1), output: [port('y', 1, 1)] };
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
    /its Add 'Add_y' makes 10000000000 numbers/,
  ],
  [
    'very many inputs, outputs and settings of single nodes',
    () =>
      bytesOf({
        ...withNode(
          node('Sum', crowd(200_000, 'x').fill('w'), 'a'),
          node('Concat', crowd(200_000, 'x').fill('w'), 'b', { attribute: [axis(0)] }),
          {
            ...node('Split', ['b'], 'c', {
              attribute: [...crowd(100_000, 's').map((name) => ({ name, i: 1, type: 2 })), axis(0)],
            }),
            output: crowd(10_000, 'c'),
          },
        ),
        output: [],
      }),
    /gives no outputs/,
  ],
  [
    'a Split into very many parts of very many sides',
    () =>
      bytesOf({
        ...withNode({ ...node('Split', ['w'], 'c', { attribute: [axis(0)] }), output: crowd(200_000, 'c') }),
        initializer: [tensor('w', Array(64).fill(1))],
      }),
    /has a Split of 200000 outputs, and 10000 are the limit; split less/,
  ],
  [
    'what doubles thirty times, written backwards',
    () => bytesOf(withNode(...doubled.toReversed())),
    /its Concat takes 'c28' before anything makes it; export it in order/,
  ],
  [
    'a value made twice, one of them small',
    () => bytesOf(withNode(node('Neg', ['x'], 'c2'), ...doubled.slice(0, 4))),
    /makes 'c2' twice/,
  ],
  [
    'a branch that makes what is outside again',
    () =>
      bytesOf({
        ...withNode(node('Neg', ['x'], 'z'), choice('y', node('Neg', ['x'], 'z'))),
        initializer: [tensor('c', [], { dataType: 9, rawData: Uint8Array.of(1) })],
      }),
    /makes 'z' twice/,
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
    /its Concat 'Concat_c\d+' makes/,
  ],
  [
    'half of one, by floats that are whole',
    () => demanding('float32', node('Div', ['one', 'two'], 'half'), node('Mul', ['half', 'huge'], 'f')),
    /ConstantOfShape 'ConstantOfShape_y' makes 5000000000 numbers/,
  ],
  [
    'a sum of int32 that wraps to a small number',
    () => demanding('int32', node('Add', ['least', 'little'], 'part'), node('Mul', ['part', 'times'], 'f')),
    /ConstantOfShape 'ConstantOfShape_y' makes 500000000 numbers/,
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
    /its Tile 'Tile_y' makes 500000000 numbers, 500000000;/,
  ],
  [
    'an empty tensor before what grows',
    () =>
      bytesOf({
        ...withNode(node('Slice', ['w', 'from', 'to'], 'a'), node('Tile', ['a', 'n'], 'y')),
        initializer: [
          tensor('w', [3]),
          shapeTensor('from', 2),
          shapeTensor('to', 2),
          shapeTensor('n', 500_000_000),
        ],
      }),
    /its Tile 'Tile_y' makes 500000000 numbers/,
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
    /its Concat 'Concat_y' makes 400000001 numbers/,
  ],
  [
    'an equation that spaces make too long to read',
    () =>
      bytesOf(
        bigger('Einsum', ['column', 'row'], {
          attribute: [{ name: 'equation', s: Buffer.from(`${'ab,cd->abcd'}${' '.repeat(1000)}`) }],
        }),
      ),
    /has an Einsum whose equation is longer than 256 letters; export it with a shorter one/,
  ],
  [
    'a Fourier transform as long as it likes',
    () => bytesOf(withNode(node('DFT', ['x', 'w'], 'y'))),
    /has a DFT, of which it cannot be told how much it makes; export it without/,
  ],
  [
    'sides without number',
    () =>
      bytesOf({
        ...withNode(...crowd(5000, 'y').map((name) => node('Add', ['w', 'w'], name))),
        initializer: [tensor('w', Array(100_000).fill(1))],
        output: [],
      }),
    /gives no outputs/,
  ],
  [
    'an output of absurd size',
    () => bytesOf({ ...honest, output: [port('y', 2 ** 40, 3)] }),
    /'y' has 3298534883328 numbers/,
  ],
  [
    'an input twice',
    () => bytesOf({ ...honest, input: [port('x', 'b', 3), port('x', 'b', 3)] }),
    /two inputs called 'x'/,
  ],
  ['no outputs', () => bytesOf({ ...honest, output: [] }), /gives no outputs/],
  ['a field hidden behind 32 bits', () => concat(whole, hidden), /a field has a number that is too large/],
  [
    'very many inputs',
    () =>
      bytesOf({
        ...withNode(node('Add', ['x1', 'w'], 'y')),
        input: [...crowd(200_000, 'x').map((name) => port(name, 3)), port('x0', 3)],
      }),
    /two inputs called 'x0'/,
  ],
  [
    'very many graphs inside a graph of very many names',
    () =>
      bytesOf({
        ...withNode(
          node('If', ['w0'], 'y', {
            attribute: [{ name: 'branches', type: 10, graphs: crowd(50_000, 'g').map((name) => ({ name })) }],
          }),
        ),
        initializer: crowd(50_000, 'w').map((name) => tensor(name, [1])),
        output: [],
      }),
    /gives no outputs/,
  ],
  [
    'an input that is no tensor',
    () => bytesOf({ ...honest, input: [{ name: 'x' }] }),
    /input 'x' is of no type, which cannot be given; export it as a tensor of float32/,
  ],
];
