/** What the three writers refuse: whatever an attribute or an option says is written, or refused by name. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../src/core/index.js';
import type { Graph, Node, Value } from '../../src/graph/graph.js';
import { NoRuleError, traceFunction, writeOnnx, writeStableHlo } from '../../src/graph/index.js';
import { savedModelOf } from '../../src/graph/tensorflow/write.js';
import { useBackend } from '../train/golden.js';

beforeAll(() => useBackend('cpu'));

const writers: [name: string, write: (graph: Graph) => unknown][] = [
  ['tensorflow', (graph) => savedModelOf({ step: graph }, [])],
  ['stablehlo', writeStableHlo],
  ['onnx', writeOnnx],
];
const [tensorflow, stablehlo] = writers;

const float = (name: string, ...shape: number[]): Value => ({ name, shape, dtype: 'float32' });

/** A graph of one node, whose inputs are the graph's. */
function single(
  op: string,
  inputs: readonly Value[],
  names: string[],
  attributes: Node['attributes'],
  y: Value,
) {
  const node: Node = {
    ...{ op, attributes, outputs: [y] },
    inputs: Object.fromEntries(names.map((name, i) => [name, inputs[i]])),
  };
  return { inputs, params: [], constants: [], nodes: [node], outputs: { y } } satisfies Graph;
}

describe.each(writers)('%s', (name, write) => {
  const product = (activation: string) =>
    single(
      '_FusedMatMul',
      [float('a', 2, 3), float('b', 3, 4)],
      ['a', 'b'],
      { transposeA: false, transposeB: false, activation },
      float('%1', 2, 4),
    );
  const images = (activation: string) =>
    single(
      'FusedConv2D',
      [float('x', 1, 4, 4, 2), float('filter', 1, 1, 2, 3)],
      ['x', 'filter'],
      { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1, activation },
      float('%1', 1, 4, 4, 3),
    );

  test('an activation that it knows is written', () => {
    for (const graph of [product('relu'), images('sigmoid')]) expect(() => write(graph)).not.toThrow();
  });

  test.each(['gelu', 'constructor'])('the activation %s is refused', (activation) => {
    const fix = 'cannot be written; use another operation in its place';
    expect(() => write(product(activation))).toThrow(
      `${name}: _FusedMatMul with the activation '${activation}' ${fix}`,
    );
    expect(() => write(images(activation))).toThrow(
      `${name}: FusedConv2D with the activation '${activation}' ${fix}`,
    );
  });

  test('so is one that needs slopes and has none', () => {
    expect(() => write(product('prelu'))).toThrow(`${name}: _FusedMatMul with prelu without its slopes`);
  });

  test('a kernel with the name of a function of every object is refused', () => {
    const graph = single('constructor', [float('x', 2)], ['x'], {}, float('%1', 2));
    expect(() => write(graph)).toThrow(`${name}: no rule writes the kernel 'constructor'`);
  });

  test('bounds that integers cannot have are refused', () => {
    const graph = traceFunction(({ x }) => tf.clipByValue(x, 0, Number.POSITIVE_INFINITY), {
      inputs: [{ name: 'x', shape: [2], dtype: 'int32' }],
    });
    expect(() => write(graph)).toThrow(/ but received Infinity; use floats$/);
  });

  test('a reversal without axes is one of all of them', () => {
    const of = (axes?: number[]) =>
      write(traceFunction(({ x }) => tf.reverse(x, axes), { inputs: [{ name: 'x', shape: [2, 3] }] }));
    expect(of()).toEqual(of([0, 1]));
    expect(of()).not.toEqual(of([]));
  });
});

test.each([tensorflow, stablehlo])(
  '%s refuses gradients of images with half pixels, which TensorFlow.js passes over',
  (name, write) => {
    for (const op of ['ResizeBilinearGrad', 'ResizeNearestNeighborGrad']) {
      const graph = (halfPixelCenters: boolean) =>
        single(
          op,
          [float('images', 1, 4, 4, 2), float('dy', 1, 8, 8, 2)],
          ['images', 'dy'],
          { alignCorners: false, halfPixelCenters },
          float('%1', 1, 4, 4, 2),
        );
      expect(() => write(graph(false))).not.toThrow();
      expect(() => write(graph(true))).toThrow(`${name}: ${op} with halfPixelCenters cannot be written`);
    }
  },
);

test('a bool that is neither 0 nor 1 is refused', () => {
  const [, write] = tensorflow;
  const filled = (value: number) =>
    single('Fill', [], [], { shape: [2], value, dtype: 'bool' }, { name: '%1', shape: [2], dtype: 'bool' });
  expect(() => write(filled(1))).not.toThrow();
  expect(() => write(filled(2))).toThrow('tensorflow: expected a number of bool but received 2; use floats');
});

describe('options', () => {
  const graph = single('Relu', [float('x', 2)], ['x'], {}, float('%1', 2));

  test.each([
    [{ precision: 'float16' }, 'stablehlo: precision: expected '],
    [{ donates: ['x'] }, "stablehlo: unknown option 'donates'"],
    [{ donate: 'x' }, 'stablehlo: donate: expected a list of names'],
  ])('of StableHLO: %j is refused', (options, message) => {
    const write = () => writeStableHlo(graph, options as object);
    expect(write).toThrow(UsageError);
    expect(write).toThrow(message);
  });

  test.each([
    [{ title: 'net' }, "onnx: unknown option 'title'"],
    [{ metadata: { classes: 3 } }, 'onnx: metadata'],
  ])('of ONNX: %j is refused', (options, message) => {
    const write = () => writeOnnx(graph, options as object);
    expect(write).toThrow(UsageError);
    expect(write).toThrow(message);
  });

  test('variables of one name, or with the name of what assigns another, are refused', () => {
    const write = (...names: string[]) =>
      savedModelOf(
        { step: graph },
        names.map((name) => float(name, 2)),
      );
    expect(() => write('a', 'b')).not.toThrow();
    expect(() => write('a', 'a')).toThrow("tensorflow: two variables are named 'a'; rename one");
    expect(() => write('a', 'a=')).toThrow(
      "tensorflow: 'a=': a name of a variable must not end in '='; rename it",
    );
  });

  test('a kernel without a rule is a NoRuleError', () => {
    const unknown = single('constructor', [float('x', 2)], ['x'], {}, float('%1', 2));
    expect(() => savedModelOf({ step: unknown }, [])).toThrow(NoRuleError);
  });
});
