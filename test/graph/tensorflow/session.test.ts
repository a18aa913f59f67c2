/** Variables, several functions in one session, what is refused, and memory. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  type Graph,
  NoRuleError,
  openSession,
  TensorFlowSession,
  traceFunction,
  type Value,
  writeSavedModel,
} from '../../../src/graph/index.js';
import { savedModelOf } from '../../../src/graph/tensorflow/write.js';
import { onEveryBackend, useBackend, wave } from '../../train/golden.js';

type T = Record<string, tf.Tensor>;
const float = (name: string, ...shape: number[]) => ({ name, shape });
const variable = (name: string, ...shape: number[]): Value => ({ name, shape, dtype: 'float32' });
const numbersOf = (tensors: T) =>
  Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, [...t.dataSync()]]));

/** a and b swap, with x added to a. */
const swap = () =>
  traceFunction(({ a, b, x }) => ({ a: b, b: tf.add(a, x), sum: tf.sum(tf.add(a, b)) }), {
    inputs: [float('a', 2), float('b', 2), float('x', 2)],
  });
const variables = [variable('a', 2), variable('b', 2)];
const KERNEL = 'NoSuchKernel';

onEveryBackend('sessions on %s', () => {
  beforeAll(() => useBackend('tensorflow'));

  test('all variables are read before any is assigned', () => {
    tf.tidy(() => {
      using session = openSession({ swap: swap() }, variables);
      session.assign({ a: tf.tensor([1, 2]), b: tf.tensor([10, 20]) });
      const x = tf.tensor([0.5, 0.25]);
      const sums = [0, 1, 2].map(() => session.run('swap', { x }, ['sum'])[0].dataSync()[0]);
      expect(sums).toEqual([33, 33.75, 34.5]);
      expect(numbersOf(session.read())).toEqual({ a: [10.5, 20.25], b: [2, 2.5] });
    });
  });

  test('a run without outputs assigns too', () => {
    tf.tidy(() => {
      using session = openSession({ swap: swap() }, variables);
      session.assign({ a: tf.tensor([1, 2]), b: tf.tensor([10, 20]) });
      expect(session.run('swap', { x: tf.zeros([2]) })).toEqual([]);
      expect(numbersOf(session.read())).toEqual({ a: [10, 20], b: [1, 2] });
    });
  });

  test('functions share variables; those that a function leaves as they are stay', () => {
    const double = traceFunction(({ a, b }) => ({ a: tf.mul(a, 2), b }), {
      inputs: [float('a', 2), float('b', 2)],
    });
    const total = traceFunction(({ b, a }) => ({ total: tf.sum(tf.mul(a, b)) }), {
      inputs: [float('b', 2), float('a', 2)],
    });
    tf.tidy(() => {
      using session = openSession({ double, total, swap: swap() }, variables);
      session.assign({ a: tf.tensor([1, 2]), b: tf.tensor([10, 20]) });
      session.run('double', {});
      const [sum] = session.run('total', {}, ['total']);
      expect(sum.dataSync()[0]).toBe(100);
      session.run('swap', { x: tf.zeros([2]) });
      expect(numbersOf(session.read())).toEqual({ a: [10, 20], b: [2, 4] });
    });
  });

  test('two sessions have variables of their own', () => {
    tf.tidy(() => {
      using one = openSession({ swap: swap() }, variables);
      using two = openSession({ swap: swap() }, variables);
      one.assign({ a: tf.tensor([1, 2]), b: tf.tensor([3, 4]) });
      two.assign({ a: tf.tensor([5, 6]), b: tf.tensor([7, 8]) });
      expect(numbersOf(one.read())).toEqual({ a: [1, 2], b: [3, 4] });
      expect(numbersOf(two.read())).toEqual({ a: [5, 6], b: [7, 8] });
    });
  });

  test('a variable does not share the memory of the array that it was assigned from', () => {
    // TensorFlow copies arrays whose address does not suit it; of these some suit.
    const arrays = Array.from({ length: 64 }, (_, i) => new Float32Array(16 + i).fill(i));
    const many = arrays.map(({ length }, i) => variable(`v${i}`, length));
    const keep = traceFunction(({ x, v0 }) => ({ v0: tf.reshape(x, [16]), y: tf.neg(v0) }), {
      inputs: [float('x', 4, 4), float('v0', 16)],
    });
    // These give an input back where they have nothing to do.
    const passing: Record<string, (x: tf.Tensor) => tf.Tensor> = {
      sumOfOne: (x) => tf.addN([x]),
      einsum: (x) => tf.einsum('i->i', x),
      timesOne: (x) => tf.mul(x, 1),
      plusZero: (x) => tf.add(x, tf.zeros([16])),
    };
    const others = Object.entries(passing).map(([name, f]) => {
      const graph = traceFunction(({ x, v0 }) => ({ v0: f(x), y: tf.neg(v0) }), {
        inputs: [float('x', 16), float('v0', 16)],
      });
      return [name, graph] as const;
    });
    tf.tidy(() => {
      using session = openSession({ keep, ...Object.fromEntries(others) }, many);
      session.assign(Object.fromEntries(arrays.map((array, i) => [`v${i}`, tf.tensor(array)])));
      for (const array of arrays) array.fill(-1);
      expect(Object.values(session.read()).map((t) => t.dataSync()[0])).toEqual(arrays.map((_, i) => i));
      for (let i = 0; i < 32; i++) {
        const array = new Float32Array(16).fill(i);
        session.run('keep', { x: tf.tensor(array, [4, 4]) });
        array.fill(-1);
        expect(session.read().v0.dataSync()[0]).toBe(i);
        for (const [name] of others) {
          const given = new Float32Array(16).fill(i);
          session.run(name, { x: tf.tensor(given) });
          given.fill(-1);
          expect(session.read().v0.dataSync()[0], name).toBe(i);
        }
      }
    });
  });

  test('the gradient of a filter of one pixel that strides over few channels is the same in every run', () => {
    const [batch, side, channels, filters] = [9, 8, 4, 8];
    const attributes = { strides: [2, 2], pad: 'valid', dataFormat: 'NHWC' };
    const filterShape = [1, 1, channels, filters];
    const graph = traceFunction(
      ({ x, dy }) =>
        tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, { ...attributes, filterShape }) as tf.Tensor,
      { inputs: [float('x', batch, side, side, channels), float('dy', batch, side / 2, side / 2, filters)] },
    );
    tf.tidy(() => {
      using session = openSession({ f: graph }, []);
      const x = tf.tensor(wave(batch * side ** 2 * channels, 1), [batch, side, side, channels]);
      const dy = tf.tensor(wave((batch * side ** 2 * filters) / 4, 2), [batch, side / 2, side / 2, filters]);
      const met = tf.stridedSlice(x, [0, 0, 0, 0], [batch, side, side, channels], [1, 2, 2, 1]);
      const wanted = tf.matMul(met.reshape([-1, channels]), dy.reshape([-1, filters]), true).dataSync();
      for (let i = 0; i < 200; i++) {
        tf.fill([20_000 + i], 1e6).dispose(); // what lies in memory that was freed
        const [made] = session.run('f', { x, dy }, ['output']);
        const off = made.dataSync().map((value, at) => Math.abs(value - wanted[at]));
        expect(Math.max(...off), `run ${i}`).toBeLessThan(1e-3);
      }
    });
  });

  test('handles of one tensor, which tfjs calls Identity', () => {
    const x = variable('x', 2);
    const same = variable('%1', 2);
    const node = { op: 'Identity', inputs: { x }, attributes: {}, outputs: [same] };
    const graph: Graph = { inputs: [x], params: [], constants: [], nodes: [node], outputs: { y: same } };
    tf.tidy(() => {
      using session = openSession({ f: graph }, []);
      const [y] = session.run('f', { x: tf.tensor([1, 2]) }, ['y']);
      expect([...y.dataSync()]).toEqual([1, 2]);
    });
  });

  test('large constants of one number are short in the file, and what they were', () => {
    const many = 100_000;
    const zeros = new Float32Array(many);
    const constants = {
      half: new Float32Array(many).fill(0.5),
      other: new Float32Array(many).fill(0.5),
      least: new Float32Array(many).fill(-0),
      none: new Float32Array(many).fill(Number.NaN),
      down: new Int32Array(many).fill(-(2 ** 31)),
      yes: new Uint8Array(many).fill(1),
      zero: zeros,
      nearly: zeros.map((_, i) => (i === many - 1 ? -0 : 0)),
    };
    const known = Object.entries(constants).map(([name, data]) => {
      const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool';
      return { value: { name, shape: [100, many / 100], dtype } as const, data };
    });
    const outputs = Object.fromEntries(known.map(({ value }) => [`${value.name} out`, value]));
    const graph: Graph = { inputs: [], params: [], constants: known, nodes: [], outputs };
    const { 'nearly out': _, ...short } = outputs;
    expect(savedModelOf({ f: { ...graph, outputs: short } }, []).length).toBeLessThan(10_000);
    tf.tidy(() => {
      using session = openSession({ f: graph }, []);
      const given = session.run('f', {}, Object.keys(outputs));
      for (const [i, { value, data }] of known.entries()) {
        expect([given[i].shape, given[i].dtype]).toEqual([value.shape, value.dtype]);
        const numbers = given[i].dataSync();
        expect(numbers.length).toBe(many);
        expect(numbers.findIndex((x, at) => !Object.is(x, data[at]))).toBe(-1);
      }
    });
  });

  test('a session leaves no folder, no tensor and little memory behind', () => {
    // A folder of its own: other tests may write to the system's at the same time.
    const temporary = mkdtempSync(join(tmpdir(), 'rxaug-test-'));
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true });
    });
    expect(tmpdir()).toBe(temporary);
    const folders = () => readdirSync(temporary).length;
    const before = { folders: folders(), tensors: tf.memory().numTensors };
    const x = tf.zeros([2]);
    const session = openSession({ swap: swap() }, variables);
    tf.tidy(() => session.assign({ a: tf.zeros([2]), b: tf.zeros([2]) }));
    const run = (times: number) => {
      for (let i = 0; i < times; i++) tf.dispose(session.run('swap', { x }, ['sum']));
    };
    run(500);
    const rss = process.memoryUsage.rss();
    run(4000);
    expect(process.memoryUsage.rss() - rss).toBeLessThan(16 * 2 ** 20);
    session.dispose();
    session.dispose();
    x.dispose();
    expect({ folders: folders(), tensors: tf.memory().numTensors }).toEqual(before);
  });
}, ['tensorflow']);

onEveryBackend('what cannot be run on %s', () => {
  beforeAll(() => useBackend('tensorflow'));

  test('a kernel that no rule writes is named', () => {
    const graph = swap();
    const unknown = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, op: KERNEL })) };
    const write = () => openSession({ step: unknown }, variables);
    expect(write).toThrow(NoRuleError);
    expect(write).toThrow(/^tensorflow: no rule writes the kernel 'NoSuchKernel'; use operations [^\n]+$/);
    try {
      write();
    } catch (error) {
      expect((error as NoRuleError).kernel).toBe(KERNEL);
    }
  });

  test('names and shapes that disagree, in one sentence', () => {
    expect(() => openSession({ assign: swap() }, variables)).toThrow(
      /^tensorflow: expected functions with names of letters, other than 'assign' and 'read' but received 'assign'$/,
    );
    expect(() => openSession({ swap: swap() }, [variable('a', 3), variable('b', 2)])).toThrow(
      /^tensorflow: 'a': expected a variable of float32 \[3\] but received 'float32 \[2\]'$/,
    );
    const open = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [null, 2] }] });
    expect(() => openSession({ f: open }, [])).toThrow(/^tensorflow: 'x': expected fixed sizes [^\n]+$/);
    using session = openSession({ swap: swap() }, variables);
    expect(() => session.run('step', {})).toThrow(/^tensorflow: expected one of swap,assign,read/);
    expect(() => session.run('swap', {})).toThrow(/^tensorflow: swap: expected an input 'x'/);
    tf.tidy(() => {
      expect(() => session.run('swap', { x: tf.zeros([2]) }, ['mean'])).toThrow(
        /^tensorflow: swap: expected a known output but received 'mean'$/,
      );
    });
  });

  test('a failure of TensorFlow is one sentence, and the session goes on', () => {
    using session = openSession({ swap: swap() }, variables);
    tf.tidy(() => {
      const x = tf.zeros([2]);
      expect(() => session.run('swap', { x })).toThrow(/^tensorflow: swap cannot be run \([^\n]+\)$/); // no values yet
      session.assign({ a: tf.zeros([2]), b: tf.zeros([2]) });
      expect(session.run('swap', { x }, ['sum'])[0].dataSync()[0]).toBe(0);
    });
  });

  test('inputs that are not those of the function are refused by name, and nothing is assigned', () => {
    tf.tidy(() => {
      using session = openSession({ swap: swap() }, variables);
      session.assign({ a: tf.tensor([1, 2]), b: tf.tensor([10, 20]) });
      const x = tf.zeros([2]);
      const run = (inputs: T) => () => session.run('swap', inputs);
      expect(run({ x, z: x })).toThrow(
        "tensorflow: swap: it has no input 'z'; leave it out, or correct its name",
      );
      expect(run({ x, a: x })).toThrow("tensorflow: swap: it has no input 'a';");
      expect(run({})).toThrow("tensorflow: swap: expected an input 'x' but received []");
      expect(run({ x: tf.zeros([1]) })).toThrow(
        "tensorflow: swap: expected input 'x' to be float32 [2] but received float32 [1]; convert it",
      );
      expect(run({ x: tf.zeros([2], 'int32') })).toThrow(
        "tensorflow: swap: expected input 'x' to be float32 [2] but received int32 [2]; convert it",
      );
      expect(run({ x: tf.scalar(1) })).toThrow('but received float32 []');
      expect(numbersOf(session.read())).toEqual({ a: [1, 2], b: [10, 20] });
    });
  });

  test('so are variables', () => {
    tf.tidy(() => {
      using session = openSession({ swap: swap() }, variables);
      const [a, b] = [tf.tensor([1, 2]), tf.tensor([10, 20])];
      session.assign({ a, b });
      const assign = (values: T) => () => session.assign(values);
      expect(assign({ a, b, c: a })).toThrow("tensorflow: assign: it has no variable 'c';");
      expect(assign({ a })).toThrow('tensorflow: assign: expected a variable \'b\' but received ["a"]');
      expect(assign({ a: tf.zeros([1]), b })).toThrow(
        "tensorflow: assign: expected variable 'a' to be float32 [2] but received float32 [1]; convert it",
      );
      expect(assign({ a: tf.zeros([2]), b: tf.zeros([2], 'bool') })).toThrow('received bool [2]');
      expect(assign({ a, b, constructor: a })).toThrow("it has no variable 'constructor'");
      expect(numbersOf(session.read())).toEqual({ a: [1, 2], b: [10, 20] });
    });
  });

  test('a file that is no SavedModel', () => {
    const directory = mkdtempSync(join(tmpdir(), 'rxaug-test-'));
    try {
      writeSavedModel(join(directory, 'made'), { swap: swap() }, variables);
      expect(existsSync(join(directory, 'made', 'saved_model.pb'))).toBe(true);
      new TensorFlowSession(join(directory, 'made')).dispose();
      writeFileSync(join(directory, 'saved_model.pb'), 'no graph');
      expect(() => new TensorFlowSession(directory)).toThrow(/^tensorflow: [^\n]+$/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}, ['tensorflow']);
