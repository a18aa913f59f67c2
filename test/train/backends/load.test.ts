/** Which backend is taken, why, and what is said when one cannot be had. */

import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { RxaugError } from '../../../src/core/index.js';
import {
  type BackendKind,
  float,
  loadBackend,
  nativeFailure,
  nativeOp,
  type,
} from '../../../src/train/backends/index.js';
import { native } from '../../../src/train/backends/native.js';
import { wasm } from '../../../src/train/backends/wasm.js';

const hasNative = await loadBackend('tensorflow').then(
  () => true,
  () => false,
);
const gone: BackendKind = {
  ...native,
  load: () => Promise.reject(new RxaugError('the addon of @tensorflow/tfjs-node has not been built')),
};

describe('loadBackend', () => {
  it("takes the best that loads for 'auto'", async () => {
    const backend = await loadBackend();
    expect(backend.name).toBe(hasNative ? 'tensorflow' : 'wasm');
    expect(tf.getBackend()).toBe(backend.name);
    expect(backend.tf.engine()).toBe(tf.engine());
    expect(backend.why).toMatch(
      hasNative ? /^native TensorFlow \d.*fastest/ : /^WebAssembly.*because.*npm run setup/,
    );
    expect(backend.threads).toBeGreaterThanOrEqual(1);
    expect(backend.version).toMatch(/^\d+\.\d+/);
  });

  it('says why it fell back', async () => {
    const backend = await loadBackend('auto', [gone, wasm]);
    expect(backend.name).toBe('wasm');
    expect(backend.why).toMatch(
      /^WebAssembly with SIMD .*because the addon .* has not been built; try npm run setup$/,
    );
  });

  it('says what is the matter when asked by name', async () => {
    await expect(loadBackend('tensorflow', [gone, wasm])).rejects.toThrow(
      "backend 'tensorflow': the addon of @tensorflow/tfjs-node has not been built; run npm run setup, or ask for 'auto' or 'wasm'",
    );
    await expect(loadBackend('auto', [gone])).rejects.toThrow(/no backend loads.*npm run setup/);
    await expect(loadBackend('wsam' as 'wasm')).rejects.toThrow(
      "unknown backend 'wsam'; did you mean 'wasm'?",
    );
  });

  it('leaves the errors of the process to the process', async () => {
    const count = () =>
      process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
    const before = count();
    const backend = await loadBackend('wasm');
    expect(count()).toBe(before);
    backend.dispose();
  });

  it('loads again after it was disposed', async () => {
    const first = await loadBackend('wasm');
    tf.ones([3]);
    first.dispose();
    await loadBackend('wasm');
    expect([...tf.tidy(() => tf.add(tf.ones([2]), 1)).dataSync()]).toEqual([2, 2]);
  });

  it('moves tensors along from one backend to the next', async () => {
    await loadBackend('cpu');
    const x = tf.tensor1d([1, 2, 3]);
    await loadBackend('wasm');
    expect([...tf.square(x).dataSync()]).toEqual([1, 4, 9]);
  });

  it('shares one tfjs-core with tfjs-node and tfjs', async () => {
    const require = createRequire(import.meta.url);
    const names = hasNative ? ['@tensorflow/tfjs', '@tensorflow/tfjs-node'] : ['@tensorflow/tfjs'];
    for (const name of names) expect((require(name) as typeof tf).Tensor).toBe(tf.Tensor);
  });
});

describe('why native TensorFlow does not load', () => {
  it('is one sentence', () => {
    const missing = Object.assign(
      new Error("Cannot find module '@tensorflow/tfjs-node'\nRequire stack:\n- x"),
      {
        code: 'MODULE_NOT_FOUND',
      },
    );
    expect(nativeFailure(missing)).toBe('the package @tensorflow/tfjs-node is not installed');
    const unbuilt = new Error(
      'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease',
    );
    expect(nativeFailure(unbuilt)).toBe('the addon of @tensorflow/tfjs-node has not been built');
    const library = new Error(
      'libtensorflow_cc.so.2: cannot open shared object file: No such file or directory\nmore',
    );
    expect(nativeFailure(library)).toBe(
      'the addon of @tensorflow/tfjs-node does not load (libtensorflow_cc.so.2: cannot open shared object file: No such file or directory)',
    );
  });
});

describe('nativeOp', () => {
  it('is refused on another backend', async () => {
    await loadBackend('wasm');
    expect(() => nativeOp('Relu', { T: type('float32') }, [tf.ones([1])])).toThrow(
      "nativeOp(Relu): expected the backend 'tensorflow' but received 'wasm'; load it with loadBackend('tensorflow')",
    );
  });

  it.skipIf(!hasNative)('runs any TensorFlow operation and leaves its outputs to tidy', async () => {
    await loadBackend('tensorflow');
    const before = tf.memory().numTensors;
    const values = tf.tidy(() => {
      const x = tf.tensor4d([1, 2, 3, 5], [1, 2, 2, 1]);
      const [y, mean, variance] = nativeOp(
        'FusedBatchNormV3',
        {
          T: type('float32'),
          U: type('float32'),
          epsilon: float(1e-3),
          data_format: 'NHWC',
          is_training: true,
        },
        [x, tf.ones([1]), tf.zeros([1]), tf.zeros([0]), tf.zeros([0])],
        6,
      );
      return [y!, mean!, variance!].map((t) => [...t.dataSync()]);
    });
    expect(tf.memory().numTensors).toBe(before);
    const [y, mean, variance] = values;
    expect(mean![0]).toBeCloseTo(2.75, 5);
    expect(variance![0]).toBeCloseTo(8.75 / 3, 5); // Bessel's correction in what it reports
    expect(y![3]).toBeCloseTo((5 - 2.75) / Math.sqrt(8.75 / 4 + 1e-3), 4);
  });

  it.skipIf(!hasNative)('gives the words of TensorFlow when it refuses', async () => {
    await loadBackend('tensorflow');
    expect(() => nativeOp('NoSuchOp', {}, [tf.ones([1])])).toThrow(/NoSuchOp/);
  });
});

describe('worker threads', () => {
  it.skipIf(!hasNative)('load native TensorFlow too, two at once', async () => {
    const code = `
      const tf = require('@tensorflow/tfjs-node');
      const { parentPort } = require('node:worker_threads');
      parentPort.postMessage([...tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).dataSync()]);`;
    const answer = () =>
      new Promise((resolve, reject) => {
        // A worker started from a string resolves packages from the working directory.
        const worker = new Worker(
          `process.noDeprecation = true; require('node:util').isNullOrUndefined ??= (x) => x == null;${code}`,
          { eval: true },
        );
        worker.once('message', resolve).once('error', reject);
      });
    expect(await Promise.all([answer(), answer()])).toEqual([
      [3, 3, 3, 3],
      [3, 3, 3, 3],
    ]);
  });
});
