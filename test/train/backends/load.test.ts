/** Which backend is taken, why, and what is said when one cannot be had. */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { RxaugError } from '../../../src/core/index.js';
import { cpu } from '../../../src/train/backends/cpu.js';
import { adapterOf, nameOf, noGpuHere } from '../../../src/train/backends/gpu.js';
import {
  type BackendKind,
  float,
  loadBackend,
  nativeFailure,
  nativeOp,
  type,
} from '../../../src/train/backends/index.js';
import { elementwise, type WebGpuBackend } from '../../../src/train/backends/kernels/wgsl.js';
import { native } from '../../../src/train/backends/native.js';
import { wasm } from '../../../src/train/backends/wasm.js';
import { webgpu } from '../../../src/train/backends/webgpu.js';
import { onEveryBackend } from '../golden.js';

const hasNative = await loadBackend('tensorflow').then(
  () => true,
  () => false,
);
const gone: BackendKind = {
  ...native,
  load: () => Promise.reject(new RxaugError('the addon of @tensorflow/tfjs-node has not been built')),
  loadOnGpu: () => Promise.reject(new RxaugError('there is no GPU')),
};
const onGpu = (kind: BackendKind, answer: BackendKind['loadOnGpu']): BackendKind => ({
  ...kind,
  loadOnGpu: answer,
});

describe('loadBackend', () => {
  it("'auto' chooses the fastest backend that loads", async () => {
    const backend = await loadBackend();
    if (noGpuHere()) expect(backend.name).toBe(hasNative ? 'tensorflow' : 'wasm');
    expect(tf.getBackend()).toBe(backend.name);
    expect(backend.tf.engine()).toBe(tf.engine());
    expect(backend.why).toMatch(
      hasNative ? /^native TensorFlow \d.*fastest|a GPU$/ : /^WebAssembly.*because.*npx rxaug setup|a GPU$/,
    );
    expect(backend.adapter?.software ?? false).toBe(false);
    expect(backend.threads).toBeGreaterThanOrEqual(1);
    expect(backend.version).toMatch(/^\d+\.\d+/);
  });

  it('takes a GPU first, and says why when it is none', async () => {
    const asGpu = await loadBackend('auto', [gone, onGpu(cpu, cpu.load), wasm]);
    expect([asGpu.name, asGpu.why]).toEqual([
      'cpu',
      expect.stringMatching(/^plain JavaScript .*, because there is a GPU$/),
    ]);
    const software = onGpu(webgpu, async () => {
      throw new RxaugError('WebGPU found only a software adapter: llvmpipe (mesa, software, not a GPU)');
    });
    const asWasm = await loadBackend('auto', [software, wasm]);
    expect([asWasm.name, asWasm.why]).toEqual([
      'wasm',
      expect.stringMatching(
        /^WebAssembly .*, the fastest here: WebGPU found only a software adapter: llvmpipe/,
      ),
    ]);
  });

  it('reports why it fell back', async () => {
    const backend = await loadBackend('auto', [gone, wasm]);
    expect(backend.name).toBe('wasm');
    expect(backend.why).toMatch(
      /^WebAssembly with SIMD .*because the addon .* has not been built; try npx rxaug setup$/,
    );
  });

  it('a backend requested by name gives its error', async () => {
    await expect(loadBackend('tensorflow', [gone, wasm])).rejects.toThrow(
      "backend 'tensorflow': the addon of @tensorflow/tfjs-node has not been built; run npx rxaug setup, or ask for 'auto' or 'wasm'",
    );
    await expect(loadBackend('auto', [gone])).rejects.toThrow(/no backend loads.*npx rxaug setup/);
    await expect(loadBackend('wsam' as 'wasm')).rejects.toThrow(
      "unknown backend 'wsam'; did you mean 'wasm'?",
    );
  });

  it('does not add handlers of process errors', async () => {
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

describe('what counts as a GPU', () => {
  const info = (vendor: string, architecture: string, description: string, isFallbackAdapter = false) =>
    adapterOf({
      vendor,
      architecture,
      device: '',
      description,
      isFallbackAdapter,
      subgroupMinSize: 4,
      subgroupMaxSize: 64,
    });

  it.each([
    ['mesa', 'software', 'llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)', true],
    ['google', 'swiftshader', 'SwiftShader Device (LLVM 16.0.0)', false],
    ['mesa', '', 'lavapipe', false],
    ['microsoft', '', 'Microsoft Basic Render Driver', false],
    ['', '', 'a driver that admits it', true],
  ] as const)('not %s %s %s', (vendor, architecture, description, fallback) => {
    const adapter = info(vendor, architecture, description, fallback);
    expect(adapter.software).toBe(true);
    expect(nameOf(adapter)).toContain('software, not a GPU');
  });

  it.each([
    ['nvidia', 'hopper', 'NVIDIA H100 PCIe: 570.86.10'],
    ['amd', 'rdna-3', 'AMD Radeon RX 7900 XTX (RADV NAVI31)'],
    ['intel', 'gen-12lp', 'Intel(R) Xe Graphics (TGL GT2)'],
    ['apple', 'common-3', ''],
  ])('%s %s %s', (vendor, architecture, description) => {
    const adapter = info(vendor, architecture, description);
    expect(adapter.software).toBe(false);
    expect(nameOf(adapter)).toContain(vendor);
  });

  it('is not asked of a driver where the system shows no device', () => {
    const devices = mkdtempSync(path.join(tmpdir(), 'rxaug-dev-'));
    expect(noGpuHere('linux', devices)).toMatch(/^there is no GPU/);
    mkdirSync(path.join(devices, 'dri'));
    writeFileSync(path.join(devices, 'dri', 'card0'), '');
    expect(noGpuHere('linux', devices)).toMatch(/^there is no GPU/); // a screen without a renderer
    writeFileSync(path.join(devices, 'dri', 'renderD128'), '');
    expect(noGpuHere('linux', devices)).toBeUndefined();
    expect(noGpuHere('linux', path.join(devices, 'none'))).toMatch(/^there is no GPU/);
    expect(noGpuHere('darwin', devices)).toBeUndefined();
    rmSync(devices, { recursive: true });
  });
});

onEveryBackend('%s', () => {
  it('says what it computes on, software too', async () => {
    const backend = await loadBackend('webgpu');
    expect(backend.why).toMatch(/^WebGPU on .*, as asked for$/);
    expect(backend.adapter).toMatchObject({ description: expect.any(String) });
    if (backend.adapter?.software) expect(backend.why).toContain('software, not a GPU');
    expect('navigator' in globalThis && 'gpu' in globalThis.navigator).toBe(false);
    backend.dispose();
  });

  it('does not read what is on the GPU at once, and says what to do', async () => {
    const backend = await loadBackend('webgpu');
    const x = tf.square(tf.fill([2000], 3));
    expect(() => x.dataSync()).toThrow('webgpu: dataSync() cannot read from a GPU; use await data()');
    expect((await x.data())[1999]).toBe(9);
    backend.dispose();
  });

  it('a failed device gives an error and no zeros', async () => {
    const backend = await loadBackend('webgpu');
    const gpu = tf.backend() as unknown as WebGpuBackend;
    const { shape, dtype, dataId } = gpu.runWebGPUProgram(
      elementwise('broken', [4], [], '', 'no WGSL'),
      [],
      'float32',
      [],
    );
    const y = tf.engine().makeTensorFromDataId(dataId, shape, dtype);
    await expect(y.data()).rejects.toThrow(/^webgpu: the device failed \(.*WGSL.*\); use smaller batches or/);
    backend.dispose();
    await loadBackend('webgpu');
    expect((await tf.square(tf.fill([2000], 3)).data())[0]).toBe(9);
  });

  it('lets its process end, with the backend open, and in the middle of a step', async () => {
    const ends = (last: string) => {
      const load = JSON.stringify(new URL('../../../dist/train/backends/index.js', import.meta.url).href);
      const code = `const { loadBackend } = await import(${load});
        const { tf } = await loadBackend('webgpu');
        const y = tf.matMul(tf.ones([64, 64]), tf.ones([64, 64]));
        ${last}`;
      return new Promise<number | null>((resolve, reject) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', code], { timeout: 30_000 });
        child.once('error', reject).once('close', resolve);
      });
    };
    const codes = [
      ends('await y.data();'),
      ends('y.data(); process.exit(7);'),
      ends("y.data(); throw new Error('x');"),
    ];
    expect(await Promise.all(codes)).toEqual([0, 7, 1]);
  });
}, ['webgpu']);

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

  it.skipIf(!hasNative)('nativeOp passes on the error of TensorFlow', async () => {
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
