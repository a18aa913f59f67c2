/** What a rule writes computes what the kernel of tfjs computes. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evaluate } from '../../../src/graph/evaluate.js';
import { type Graph, openSession, type TensorFlowSession, traceFunction } from '../../../src/graph/index.js';
import { rules } from '../../../src/graph/tensorflow/rules/index.js';
import { onEveryBackend, useBackend, wave } from '../../train/golden.js';
import { type Case, cases } from './cases.js';

/** Numbers in (−1, 1), or 0, 1 and 2, or truths. */
function numbers(name: string, shape: readonly number[], dtype: tf.DataType = 'float32'): tf.Tensor {
  const size = shape.reduce((n, side) => n * side, 1);
  const floats = wave(size, name.length + name.charCodeAt(0), 0.97);
  if (dtype === 'float32') return tf.tensor(floats, [...shape]);
  const whole = Int32Array.from(floats, (x) => Math.round(1 + x));
  return tf.tensor(
    dtype === 'int32' ? whole : Uint8Array.from(floats, (x) => Number(x > 0)),
    [...shape],
    dtype,
  );
}

const inputsOf = ({ inputs, dtypes = {} }: Case): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [name, numbers(name, shape, dtypes[name])]),
  );

const traced = ({ f, inputs, dtypes }: Case): Graph =>
  traceFunction(f, {
    inputs: Object.entries(inputs).map(([name, shape]) => ({
      ...{ name, shape: [...shape] },
      dtype: (dtypes?.[name] ?? 'float32') as 'float32',
    })),
  });

test('there is a case for every rule', () => {
  const { Identity: _, ...others } = rules; // a trace has none
  expect([...new Set(cases.map(({ kernel }) => kernel))].sort()).toEqual(Object.keys(others).sort());
});

onEveryBackend('rules on %s', () => {
  const graphs: Graph[] = [];
  let session: TensorFlowSession;

  beforeAll(async () => {
    await useBackend('tensorflow');
    graphs.push(...cases.map(traced));
    session = openSession(Object.fromEntries(graphs.map((graph, i) => [`case${i}`, graph])), []);
  }, 60_000);

  afterAll(() => session?.dispose());

  test.each(cases.map((one, i) => [one.kernel, one, i] as const))('%s', (kernel, one, i) => {
    const graph = graphs[i];
    expect(graph.nodes.map(({ op }) => op)).toContain(kernel);
    const names = Object.keys(graph.outputs);
    const before = tf.memory().numTensors;
    const inputs = inputsOf(one);
    const wanted = evaluate(graph, inputs);
    const expected = names.map((name) => ({ ...wanted[name], values: [...wanted[name].dataSync()] }));
    const given = session.run(`case${i}`, inputs, names);
    for (const [k, tensor] of given.entries()) {
      const { shape, dtype, values } = expected[k];
      expect([tensor.shape, tensor.dtype]).toEqual([shape, dtype]);
      const actual = [...tensor.dataSync()];
      const largest = Math.max(1e-6, ...values.filter(Number.isFinite).map(Math.abs));
      values.forEach((value, at) => {
        if (!Number.isFinite(value)) expect(actual[at], `number ${at}`).toBe(value);
        else expect(Math.abs(actual[at] - value) / largest, `number ${at}`).toBeLessThan(1e-5);
      });
    }
    tf.dispose([given, wanted, inputs]);
    expect(tf.memory().numTensors).toBe(before);
  });
}, ['tensorflow']);
