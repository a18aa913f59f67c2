/** Kernels of ours are there wherever a backend is used, whoever made it current. */
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { BackendKind } from '../../../src/train/backends/backend.js';
import { ensureBackend, loadBackend } from '../../../src/train/backends/load.js';
import { StatelessRandomUniform } from '../../../src/train/ops/kernels.js';

const require = createRequire(import.meta.url);

it('a backend that the caller made current gets them', async () => {
  require('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  const theirs = tf.getKernel('ResizeNearestNeighborGrad', 'cpu')?.kernelFunc;
  expect(tf.getKernel(StatelessRandomUniform, 'cpu')).toBeUndefined();
  await ensureBackend();
  expect(tf.getBackend()).toBe('cpu');
  expect(tf.getKernel('ResizeNearestNeighborGrad', 'cpu')?.kernelFunc).not.toBe(theirs);
  expect(tf.getKernel(StatelessRandomUniform, 'cpu')).toBeDefined();
});

it('so does one that is loaded beside another', async () => {
  require('@tensorflow/tfjs-backend-wasm');
  const beside: BackendKind = {
    name: 'xla',
    auto: true,
    load: async () => ({
      title: 'steps elsewhere',
      version: '1',
      threads: 1,
      beside: { name: 'wasm', version: '1' },
    }),
  };
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeUndefined();
  await loadBackend('xla', [beside]);
  expect(tf.getBackend()).toBe('wasm');
  expect(tf.getKernel('Conv2DBackpropFilter', 'wasm')).toBeDefined();
});
