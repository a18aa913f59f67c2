/** The text itself: what is written, that it is the same each time, and what is refused. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { RxaugError, UsageError } from '../../../src/core/index.js';
import type { Graph, Node } from '../../../src/graph/graph.js';
import { traceFunction } from '../../../src/graph/index.js';
import { denseText, numberText, splatText } from '../../../src/graph/stablehlo/literal.js';
import { writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { useBackend } from '../../train/golden.js';

beforeAll(() => useBackend('cpu'));

const step = (): Graph =>
  traceFunction(
    ({ w, x, rate }) => {
      const y = tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
      return {
        w: tf.sub(w, tf.mul(rate, tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, true))),
        loss: tf.mean(y),
      };
    },
    {
      inputs: [
        { name: 'w', shape: [3, 2] },
        { name: 'x', shape: [4, 3] },
        { name: 'rate', shape: [] },
      ],
    },
  );

test('a step', () => {
  expect(writeStableHlo(step(), { name: 'train', donate: ['w'] })).toMatchInlineSnapshot(`
    "module @train attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
      func.func public @main(%arg0: tensor<3x2xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<4x3xf32>, %arg2: tensor<f32>) -> (tensor<3x2xf32>, tensor<f32>) {
        %0 = stablehlo.dot_general %arg1, %arg0, contracting_dims = [1] x [0], precision = [HIGHEST, HIGHEST] : (tensor<4x3xf32>, tensor<3x2xf32>) -> tensor<4x2xf32>
        %1 = stablehlo.constant dense<0.0e+0> : tensor<4x2xf32>
        %2 = stablehlo.maximum %0, %1 : tensor<4x2xf32>
        %3 = stablehlo.dot_general %arg1, %2, contracting_dims = [0] x [0], precision = [HIGHEST, HIGHEST] : (tensor<4x3xf32>, tensor<4x2xf32>) -> tensor<3x2xf32>
        %4 = stablehlo.broadcast_in_dim %arg2, dims = [] : (tensor<f32>) -> tensor<3x2xf32>
        %5 = stablehlo.multiply %4, %3 : tensor<3x2xf32>
        %6 = stablehlo.subtract %arg0, %5 : tensor<3x2xf32>
        %7 = stablehlo.constant dense<0.0e+0> : tensor<f32>
        %8 = stablehlo.reduce(%2 init: %7) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x2xf32>, tensor<f32>) -> tensor<f32>
        %9 = stablehlo.constant dense<8.0e+0> : tensor<f32>
        %10 = stablehlo.divide %8, %9 : tensor<f32>
        return %6, %10 : tensor<3x2xf32>, tensor<f32>
      }
    }
    "
  `);
});

test('the same graph gives the same text', () => {
  expect(writeStableHlo(step())).toBe(writeStableHlo(step()));
});

test('precision is that of products', () => {
  const at = (precision?: 'float32' | 'tensorfloat32' | 'bfloat16') => writeStableHlo(step(), { precision });
  expect(at()).toBe(at('float32'));
  expect(at('float32')).toContain('precision = [HIGHEST, HIGHEST]');
  expect(at('tensorfloat32')).toBe(at().replaceAll('HIGHEST', 'DEFAULT'));
  expect(at('bfloat16')).toContain('(tensor<4x3xbf16>, tensor<3x2xbf16>) -> tensor<4x2xf32>');
});

describe('numbers are exact', () => {
  const f32 = { shape: [], type: 'f32' } as const;

  test.each([
    [0, '0.0e+0'],
    [-0, '-0.0e+0'],
    [1.5, '1.5e+0'],
    [0.1, '1.0000000149011612e-1'],
    [1e-45, '1.401298464324817e-45'],
    [3.4028234663852886e38, '3.4028234663852886e+38'],
    [Number.NaN, '0x7FC00000'],
    [Number.POSITIVE_INFINITY, '0x7F800000'],
    [1e39, '0x7F800000'],
    [Number.NEGATIVE_INFINITY, '0xFF800000'],
  ])('%d', (value, text) => {
    expect(numberText(value, 'f32')).toBe(text);
    const same = text.startsWith('0x') || Object.is(Math.fround(Number(text)), Math.fround(value));
    expect(same).toBe(true);
  });

  test('constants', () => {
    expect(splatText(2, { shape: [3, 3], type: 'i32' })).toBe('dense<2> : tensor<3x3xi32>');
    expect(splatText(2, { shape: [0, 3], type: 'f32' })).toBe('dense<> : tensor<0x3xf32>');
    expect(denseText([1], f32)).toBe('dense<1.0e+0> : tensor<f32>');
    expect(denseText([1, 1], { shape: [2], type: 'i32' })).toBe('dense<1> : tensor<2xi32>');
    expect(denseText([0, -0], { shape: [2], type: 'f32' })).toBe('dense<[0.0e+0, -0.0e+0]> : tensor<2xf32>');
    expect(denseText([1, 2, 3, 4], { shape: [2, 2], type: 'i32' })).toBe(
      'dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>',
    );
    expect(denseText([1, 0, 1], { shape: [3], type: 'i1' })).toBe(
      'dense<[true, false, true]> : tensor<3xi1>',
    );
    const many = Float32Array.from({ length: 17 }, (_, i) => i);
    expect(denseText(many, { shape: [17], type: 'f32' })).toBe(
      `dense<"0x${Buffer.from(many.buffer).toString('hex').toUpperCase()}"> : tensor<17xf32>`,
    );
    expect(() => splatText(0.5, { shape: [], type: 'i32' })).toThrow(
      'stablehlo: expected a number of i32 but received 0.5; use floats',
    );
    expect(() => denseText([1, 2], f32)).toThrow('a constant of 1 numbers was given 2');
  });

  test.each([
    ['i32', -(2 ** 31), 2 ** 31 - 1, (all: readonly number[]) => Int32Array.from(all)],
    ['ui8', 0, 255, (all: readonly number[]) => Uint8Array.from(all)],
    ['ui32', 0, 2 ** 32 - 1, (all: readonly number[]) => Uint32Array.from(all)],
  ] as const)('whole numbers of %s are held or refused, few or many', (type, low, high, held) => {
    expect(denseText([low, high], { shape: [2], type })).toBe(`dense<[${low}, ${high}]> : tensor<2x${type}>`);
    const many = [low, ...Array<number>(16).fill(high)];
    expect(denseText(many, { shape: [17], type })).toBe(
      `dense<"0x${Buffer.from(held(many).buffer).toString('hex').toUpperCase()}"> : tensor<17x${type}>`,
    );
    for (const beyond of [low - 1, high + 1, 0.5, Number.NaN])
      for (const rest of [[high], many])
        expect(() => denseText([beyond, ...rest], { shape: [rest.length + 1], type })).toThrow(
          `stablehlo: expected a number of ${type} but received ${beyond}; use floats`,
        );
  });

  test('many true and false are bytes, whose packing no version changes', () => {
    const graph = traceFunction(
      ({ p }) =>
        tf.logicalAnd(
          p,
          tf.tensor1d(
            [...Array(20).keys()].map((i) => i % 3 > 0),
            'bool',
          ),
        ),
      {
        inputs: [{ name: 'p', shape: [20], dtype: 'bool' }],
      },
    );
    expect(writeStableHlo(graph)).toMatch(/dense<"0x0001010001[01]+"> : tensor<20xui8>/);
  });
});

test('ranges up and down', () => {
  const written = (start: number, stop: number, step?: number, dtype?: 'int32') => {
    const graph = traceFunction(() => tf.range(start, stop, step, dtype), { inputs: [] });
    return /constant (dense<[^>]*>)/.exec(writeStableHlo(graph))?.[1];
  };
  expect(written(0, 3)).toBe('dense<[0.0e+0, 1.0e+0, 2.0e+0]>');
  expect(written(3, 0)).toBe('dense<[3.0e+0, 2.0e+0, 1.0e+0]>');
  expect(written(1, 0, -0.5)).toBe('dense<[1.0e+0, 5.0e-1]>');
  expect(written(1, -2, -1, 'int32')).toBe('dense<[1, 0, -1]>');
  expect(written(3, 0, 2)).toBe('dense<>');
});

describe('refused in a sentence', () => {
  const x = { name: 'x', shape: [2, 3], dtype: 'float32' } as const;
  const graphOf = (node: Partial<Node>, input: Graph['inputs'][number] = x): Graph => {
    const y = { ...x, name: '%1' };
    return {
      inputs: [input],
      params: [],
      constants: [],
      nodes: [{ op: 'Relu', inputs: { x: input }, attributes: {}, outputs: [y], ...node }],
      outputs: { y },
    };
  };
  const refusal = (graph: Graph, options = {}): Error => {
    try {
      writeStableHlo(graph, options);
    } catch (error) {
      return error as Error;
    }
    throw new Error('it was written');
  };

  test.each([
    [
      'a kernel without a rule',
      graphOf({ op: 'FFT' }),
      "stablehlo: no rule writes the kernel 'FFT'; use operations that have one, or add a rule to src/graph/stablehlo/rules",
    ],
    [
      'one of another name',
      graphOf({ op: 'Rely' }),
      "stablehlo: no rule writes the kernel 'Rely' (there is one for Relu); use operations that have one, or add a rule to src/graph/stablehlo/rules",
    ],
    ['a name of every object', graphOf({ op: 'constructor' }), /no rule writes the kernel 'constructor'/],
    [
      'an open batch',
      graphOf({}, { ...x, shape: [{ batch: 1 }, 3] }),
      "stablehlo: expected sizes that are fixed but 'x' has the batch in its shape; trace with one batch size",
    ],
    [
      'text',
      graphOf({}, { ...x, dtype: 'string' }),
      "stablehlo: expected float32, int32 or bool but 'x' is string; convert it outside of the step",
    ],
    [
      'an attribute that no rule knows',
      graphOf({ op: 'GatherV2', inputs: { x, indices: x }, attributes: { axis: 0, batchDims: 1 } }),
      'stablehlo: GatherV2 with batchDims 1 cannot be written; use another operation in its place',
    ],
    [
      'the best of no numbers',
      graphOf({ op: 'ArgMax', attributes: { axis: 1 } }, { ...x, shape: [2, 0] }),
      'stablehlo: ArgMax with an axis without numbers cannot be written; use another operation in its place',
    ],
    [
      'a result of another shape',
      graphOf({ op: 'Transpose', attributes: { perm: [1, 0] } }),
      /Transpose .* was written as tensor<3x2xf32> where TensorFlow.js made tensor<2x3xf32>/,
    ],
  ] as const)('%s', (_, graph, message) => {
    const error = refusal(graph);
    expect(error).toBeInstanceOf(RxaugError);
    expect(error.message).toMatch(message);
  });

  test.each([
    ['an input that is no output', ['x']],
    ['what is no input', ['y']],
  ])('donate with %s', (_, donate) => {
    const error = refusal(graphOf({}), { donate });
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(
      `stablehlo: expected donate to name inputs that are outputs of the same name, shape and type but received '${donate}'; take it out`,
    );
  });

  test('a name that is none', () => {
    expect(refusal(graphOf({}), { name: 'a b' }).message).toBe(
      "stablehlo: expected a name of letters and digits but received 'a b'",
    );
  });
});
