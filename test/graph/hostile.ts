/** ONNX files that nobody should run, made from an honest one. */

import {
  model as modelSchema,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../src/graph/onnx/schema.js';
import { encode } from '../../src/graph/protobuf.js';

export const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
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
export const port = (name: string, ...sides: (number | string)[]) => ({
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

export const withNode = (...nodes: OnnxNode[]): OnnxGraph => ({ ...honest, node: nodes });
const withTensor = (w: OnnxTensor): OnnxGraph => ({ ...honest, initializer: [w] });

/** A field whose tag has more than 32 bits: to a reader that keeps 32 of them it is the graph. */
const hidden = Uint8Array.of(0xba, 0x80, 0x80, 0x80, 0x10, 0);

/** Names by the hundred thousand; whatever is done for each of them must not be done for each pair. */
const crowd = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);

export const axis = (i: number) => ({ name: 'axis', i, type: 2 });

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
  ['no version of the operators', () => bytesOf(honest, { opsetImport: [] }), /the version of its operators/],
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
