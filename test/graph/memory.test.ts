/** What models may take when they run: the process of one that takes more is ended, and nothing else is. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type OnnxModel, onnxModel } from '../../src/graph/index.js';
import { greedy } from './greedy.js';
import { bytesOf, honest, node, tensor } from './hostile.js';

const MB = 1e6;
const memory = 400 * MB;

/** y = how many numbers of x million are made: of 4 bytes each. */
const demanding = bytesOf({
  ...honest,
  node: [
    node('Mul', ['x', 'million'], 'f'),
    node('Cast', ['f'], 'n', { attribute: [{ name: 'to', i: 7, type: 2 }] }),
    node('ConstantOfShape', ['n'], 'zeros'),
    node('Exp', ['zeros'], 'ones'),
    node('ReduceSum', ['ones'], 'y', { attribute: [{ name: 'keepdims', i: 1, type: 2 }] }),
  ],
  initializer: [tensor('million', [1], { rawData: new Uint8Array(Float32Array.of(1e6).buffer) })],
  input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ value: 1 }] } } } }],
  output: [{ name: 'y', type: { tensorType: { elemType: 1, shape: { dim: [{ value: 1 }] } } } }],
});
const ask = async (model: OnnxModel, millions: number) =>
  (await model.run({ x: Float32Array.of(millions) })).y.data[0];

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const descriptors = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

describe('onnxModel limits the memory of its process', () => {
  test('a run that takes more than limits.memory is refused in one sentence, and the next one is answered', async () => {
    await using model = await onnxModel(demanding, { limits: { memory } });
    const { pid } = model.host;
    await expect(ask(model, 1000)).rejects.toThrow(
      /^onnx model: a run took \d{9} bytes of memory, and 400000000 are the limit; run a smaller batch, or raise limits\.memory if you trust it$/,
    );
    expect(await ask(model, 1)).toBe(1e6);
    expect(model.host.pid).not.toBe(pid);
    expect(isAlive(pid as number)).toBe(false);
  });

  test('requests beside a greedy one are answered, whichever came first', async () => {
    await using model = await onnxModel(demanding, { limits: { memory }, queue: 3 });
    const answers = await Promise.allSettled([1, 1000, 2, 1000, 3].map((millions) => ask(model, millions)));
    expect(answers.map((each) => (each.status === 'fulfilled' ? each.value : 'refused'))).toEqual([
      ...[1e6, 'refused', 2e6, 'refused', 3e6],
    ]);
  });

  test('more than three greedy runs in a row do not give the model up', async () => {
    await using model = await onnxModel(demanding, { limits: { memory } });
    for (let i = 0; i < 4; i++) await expect(ask(model, 1000)).rejects.toThrow(/limits\.memory/);
    expect(await ask(model, 1)).toBe(1e6);
  });

  test('what the runtime keeps of earlier runs does not count against a later one', async () => {
    await using model = await onnxModel(demanding, { limits: { memory: 500 * MB } });
    const { pid } = model.host;
    // Each of them fits a process of its own; what is kept of the first and the second together do not.
    expect(await ask(model, 36)).toBe(36e6);
    expect(await ask(model, 40)).toBe(40e6);
    expect(model.host.pid).not.toBe(pid);
  });

  test('a model that takes too much to be loaded is refused, and its process is gone', async () => {
    const [, make] = greedy.find(([what]) => what.startsWith('a number that is none')) ?? [];
    const before = descriptors();
    await expect(onnxModel((make as () => Uint8Array)(), { limits: { memory } })).rejects.toThrow(
      /^onnx model: to load it took \d{9} bytes of memory, and 400000000 are the limit; raise limits\.memory if you trust it$/,
    );
    await expect.poll(descriptors).toBeLessThanOrEqual(before);
  });

  test('no descriptor and no process is left behind by runs that were refused', async () => {
    const before = descriptors();
    const model = await onnxModel(demanding, { limits: { memory } });
    const open = descriptors();
    for (let i = 0; i < 3; i++) await expect(ask(model, 1000)).rejects.toThrow(/limits\.memory/);
    await expect.poll(descriptors).toBeLessThanOrEqual(open);
    const { pid } = model.host;
    await model.dispose();
    expect(isAlive(pid as number)).toBe(false);
    await expect.poll(descriptors).toBeLessThanOrEqual(before);
  });

  test('a limit is a whole number of bytes from 1', async () => {
    await expect(onnxModel(demanding, { limits: { memory: 0 } })).rejects.toThrow(
      /^onnxModel: limits\.memory: expected/,
    );
  });
});

describe('a file that asks for more memory than there is ends in one sentence and nothing else', () => {
  test.each(greedy)('%s', async (_, make) => {
    const run = async () => {
      await using model = await onnxModel(make(), { limits: { memory }, threads: 1 });
      await model.run(
        Object.fromEntries(
          model.inputs.map(({ name, shape = [] }) => {
            const dims = shape.map((side) => side ?? 1);
            return [name, { data: new Float32Array(dims.reduce((n, side) => n * side, 1)), dims }];
          }),
        ),
      );
    };
    // A machine of less memory than another refuses it sooner.
    await expect(run()).rejects.toThrow(
      /^onnx model: (onnxruntime does not load it|the run failed|to load it took|a run took)[^\n]+$/,
    );
  });
});
