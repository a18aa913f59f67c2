import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { findGpu, type OnnxModel, onnxModel } from '../../src/graph/index.js';
import { useBackend } from '../train/golden.js';
import { bytesOf, honest } from './hostile.js';
import { numbers, write } from './onnx-run.js';

const file = fileURLToPath(new URL('../golden/graph/generator.onnx', import.meta.url));
const trouble = new URL('./trouble.mjs', import.meta.url).href;
const wishes = {
  inputs: { z: { shape: [null, 100] } },
  outputs: {
    image: { shape: [null, 3, 16, 16], layout: 'NCHW' as const, range: [-1, 1] as [number, number] },
  },
};

const codes = (rows: number, at = 0) =>
  Float32Array.from({ length: rows * 100 }, (_, i) => Math.sin(0.37 * (i + 100 * at)));
const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);
const shared = (length: number) => new Float32Array(new SharedArrayBuffer(4 * length));
/** Ends its process, and waits for the next one. */
const kill = async (model: OnnxModel) => {
  const { pid } = model.host;
  process.kill(pid as number, 'SIGKILL');
  await vi.waitUntil(() => model.host.pid !== pid, { timeout: 300_000, interval: 5 });
};

/** Takes about a tenth of a second a row. */
let slow: Uint8Array;

describe('onnxModel', () => {
  beforeAll(async () => {
    await useBackend('cpu');
    const kernel = numbers([3, 3, 8, 8]) as tf.Tensor4D;
    slow = write(
      ({ x }) => {
        let y: tf.Tensor4D = tf.tile(x.reshape([-1, 8, 8, 1]), [1, 1, 1, 8]);
        y = tf.image.resizeNearestNeighbor(y, [128, 128]);
        for (let i = 0; i < 10; i++) y = tf.tanh(tf.conv2d(y, kernel, 1, 'same'));
        return tf.mean(y, [1, 2, 3]);
      },
      { x: [null, 64] },
    );
    kernel.dispose();
  });

  test('a generator from PyTorch gives what PyTorch gives', async () => {
    await using model = await onnxModel(file, wishes);
    const { image } = await model.run({ z: codes(3) });
    const golden = JSON.parse(readFileSync(file.replace('.onnx', '.json'), 'utf8')) as {
      shape: number[];
      values: number[];
    };
    expect(image.dims).toEqual(golden.shape);
    expect(worst(image.data, golden.values)).toBeLessThan(1e-5);
    expect(model.look('image')).toMatchObject({ layout: 'NCHW', range: [-1, 1] });
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a large batch is run in parts, to the same numbers; memory may be the caller’s', async () => {
    await using model = await onnxModel(file, { ...wishes, batch: 4 });
    const z = shared(11 * 100);
    z.set(codes(11));
    const image = shared(11 * 3 * 16 * 16);
    const { image: given } = await model.run({ z }, { into: { image } });
    expect(given.data).toBe(image);
    const own = new Float32Array(image.length);
    await model.run({ z: codes(11) }, { into: { image: own } });
    expect(own).toEqual(new Float32Array(image));
    for (const i of [0, 5, 10]) {
      const { image: one } = await model.run({ z: codes(1, i) });
      expect(worst(one.data, image.subarray(i * 768, (i + 1) * 768))).toBeLessThan(1e-5);
    }
  });

  test('a process that is killed in the middle loses nothing', async () => {
    await using model = await onnxModel(slow, { threads: 1, queue: 3 });
    const inputs = [1, 2, 3, 4, 5, 6].map(
      (key) => numbers([2, 64], 'float32', key).dataSync() as Float32Array,
    );
    const calm = [];
    for (const x of inputs) calm.push((await model.run({ x })).output.data);
    const answers = inputs.map((x) => model.run({ x }));
    for (const after of [30, 120]) {
      await new Promise((go) => setTimeout(go, after));
      await kill(model);
    }
    expect((await Promise.all(answers)).map(({ output }) => output.data)).toEqual(calm);
  });

  test('a request that ends its process three times in a row is an error for all that wait', async () => {
    await using model = await onnxModel(bytesOf(honest), { preload: trouble });
    expect((await model.run({ x: Float32Array.of(1, 2, 3) })).y.data).toEqual(Float32Array.of(1.5, 2.5, 3.5));
    const poison = model.run({ x: Float32Array.of(666, 0, 0) });
    const beside = model.run({ x: Float32Array.of(0, 0, 0) });
    await expect(poison).rejects.toThrow(
      /^onnx model: its process died 3 times in a row \(exit code 9\); try/,
    );
    await beside.catch((error) => expect(error.message).toMatch(/died 3 times/));
    await expect(model.run({ x: Float32Array.of(1, 2, 3) })).rejects.toThrow(/died 3 times/);
  });

  test('crashes with an answer between them are not counted together', async () => {
    await using model = await onnxModel(bytesOf(honest));
    for (let i = 0; i < 5; i++) {
      await kill(model);
      const { y } = await model.run({ x: Float32Array.of(i, 0, 0) });
      expect(y.data[0]).toBe(i + 0.5);
    }
  });

  test('a process that never starts is an error', async () => {
    const preload = 'data:text/javascript,process.exit(3)';
    await expect(onnxModel(bytesOf(honest), { preload })).rejects.toThrow(/died 3 times in a row/);
  });

  test('run() waits while the queue is full', async () => {
    await using model = await onnxModel(slow, { queue: 2 });
    const onTheWay = Reflect.get(model.host, 'sent') as Map<number, unknown>;
    let most = 0;
    const answers = Array.from({ length: 8 }, async (_, i) => {
      const { output } = await model.run({ x: new Float32Array(64).fill(i) });
      most = Math.max(most, onTheWay.size);
      return output.dims;
    });
    await new Promise((go) => setTimeout(go, 20));
    expect(onTheWay.size).toBe(2);
    expect(await Promise.all(answers)).toEqual(Array(8).fill([1]));
    expect(most).toBeLessThanOrEqual(2);
  });

  test('dispose() rejects waiting requests', async () => {
    const model = await onnxModel(slow);
    const answers = [1, 2, 3, 4].map(() => model.run({ x: new Float32Array(64) }));
    const ended = Promise.allSettled(answers);
    await model.dispose();
    expect((await ended).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    await expect(model.run({ x: new Float32Array(64) })).rejects.toThrow(/was disposed of/);
    await model.dispose(); // twice does no harm
  });

  test('integers of 64 bits travel as those of 32', async () => {
    const graph = {
      ...honest,
      node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
      input: [{ name: 'x', type: { tensorType: { elemType: 7, shape: { dim: [{ param: 'n' }] } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: 7, shape: { dim: [{ param: 'n' }] } } } }],
    };
    await using model = await onnxModel(bytesOf(graph));
    expect((await model.run({ x: Int32Array.of(-5, 7, 2 ** 30) })).y.data).toEqual(
      Int32Array.of(-5, 7, 2 ** 30),
    );
  });

  test.each([
    [{}, /input 'z': expected float32 but received undefined/],
    [{ z: new Int32Array(100) }, /input 'z': expected Float32Array but received/],
    [{ z: new Float32Array(150) }, /input 'z': expected \[any, 100\] but received \[1\.5,100\]/],
    [
      { z: { data: new Float32Array(100), dims: [1, 10, 10] } },
      /expected \[any, 100\] but received \[1,10,10\]/,
    ],
    [{ z: new Float32Array(100), y: new Float32Array(1) }, /expected 'z' but received 'y'/],
  ])('inputs must be what the model takes: %#', async (feeds, sentence) => {
    await using model = await onnxModel(file, wishes);
    await expect(model.run(feeds as never)).rejects.toThrow(sentence);
  });

  test('memory for outputs must be of their type, and as long', async () => {
    await using model = await onnxModel(bytesOf(honest));
    const run = (y: Float32Array | Uint8Array) => model.run({ x: Float32Array.of(1, 2, 3) }, { into: { y } });
    await expect(run(new Uint8Array(3))).rejects.toThrow(/into 'y': expected Float32Array but received/);
    await expect(run(new Float32Array(4))).rejects.toThrow(/expected room for 3 numbers of output 'y'/);
    expect((await run(new Float32Array(3))).y.data[2]).toBe(3.5);
  });

  test.runIf(existsSync('/dev/full'))('a disk that is full fails one request, and no other', async () => {
    await using model = await onnxModel(bytesOf(honest), { queue: 1 });
    const lanes = Reflect.get(model.host, 'lanes') as { there: number }[];
    const [{ there }] = lanes;
    const full = openSync('/dev/full', 'w');
    lanes[0].there = full;
    const refused = model.run({ x: Float32Array.of(1, 2, 3) });
    await expect(refused).rejects.toThrow(/^onnx model: its inputs cannot be handed over \(ENOSPC.*\); free/);
    closeSync(full);
    lanes[0].there = there;
    const answers = [1, 2, 3].map((x) => model.run({ x: Float32Array.of(x, 0, 0) }));
    expect((await Promise.all(answers)).map(({ y }) => y.data[0])).toEqual([1.5, 2.5, 3.5]);
  });

  test.each(['constructor', 'toString'])('ports may be called like methods: %s', async (name) => {
    const graph = {
      ...honest,
      node: [{ opType: 'Identity', input: [name], output: [`${name} `] }],
      input: [{ ...(honest.input?.[0] as object), name }],
      output: [{ ...(honest.output?.[0] as object), name: `${name} ` }],
      initializer: [],
    };
    const twisted = { ...graph, node: [{ opType: 'Identity', input: ['x'], output: [name] }] };
    const out = { ...twisted, input: honest.input, output: [{ ...(honest.output?.[0] as object), name }] };
    const x = Float32Array.of(1, 2, 3);
    await using asInput = await onnxModel(bytesOf(graph as never));
    const given = await asInput.run(Object.fromEntries([[name, x]]));
    expect(given[`${name} `].data).toEqual(x);
    await using asOutput = await onnxModel(bytesOf(out as never));
    const made = await asOutput.run({ x });
    expect(Object.getOwnPropertyDescriptor(made, name)?.value.data).toEqual(x);
  });

  test('a port that onnxruntime-node would lose is refused', async () => {
    const graph = {
      ...honest,
      node: [{ opType: 'Identity', input: ['x'], output: ['__proto__'] }],
      output: [{ ...(honest.output?.[0] as object), name: '__proto__' }],
    };
    await expect(onnxModel(bytesOf(graph as never))).rejects.toThrow(
      /'__proto__' cannot be the name .*; rename it/,
    );
  });

  test('more requests at a time than files may be open are refused', async () => {
    await expect(onnxModel(file, { queue: 33 })).rejects.toThrow(/^onnxModel: queue: expected .*32/);
  });

  test('no file and no descriptor is left behind', async () => {
    const count = () => readdirSync('/proc/self/fd').length;
    const files = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`rxaug-${process.pid}-`));
    const before = process.platform === 'linux' ? count() : 0;
    const model = await onnxModel(bytesOf(honest), { queue: 5 });
    expect(files()).toEqual([]);
    if (process.platform === 'linux') expect(count()).toBeGreaterThanOrEqual(before + 10);
    await model.dispose();
    await expect.poll(() => (process.platform === 'linux' ? count() : 0)).toBeLessThanOrEqual(before);
  });

  test('without a folder for temporary files there is no model', async () => {
    vi.stubEnv('TMPDIR', '/nowhere/at/all');
    try {
      await expect(onnxModel(bytesOf(honest))).rejects.toThrow(
        /no temporary file can be made .*; set TMPDIR/,
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test('a file that is not there, options that are none', async () => {
    await expect(onnxModel('none.onnx')).rejects.toThrow(
      /^onnx none\.onnx: cannot be read \(.*\); check the path$/,
    );
    await expect(onnxModel(file, { sha256: 'abc' })).rejects.toThrow(/^onnxModel: sha256: expected/);
    await expect(onnxModel(file, { limits: { bytes: 1000 } })).rejects.toThrow(/and 1000 are the limit/);
  });

  test('findGpu needs a device file', () => {
    expect(findGpu(() => false, 'linux')).toEqual({ why: expect.stringMatching(/no graphics device/) });
    expect(findGpu((path) => path === '/dev/nvidia0', 'linux')).toEqual({
      provider: 'webgpu',
      why: '/dev/nvidia0',
    });
  });
});
