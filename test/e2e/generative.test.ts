/** Stages that draw from generative models, from the command line: one digest for any number of workers. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keyOf } from '../../src/core/index.js';
import { criticParts } from '../../src/gan/adversarial/critic.js';
import { buildGan } from '../../src/gan/adversarial/gan.js';
import { buildCoder, partsOf } from '../../src/gan/autoencoder/autoencoder.js';
import { Autoencoder, autoencoder, functionOnnx, Generator, gan } from '../../src/gan/index.js';
import { initializeParts, type Part } from '../../src/gan/part.js';
import { useBackend } from '../train/golden.js';
import { Workspace } from './command.js';

const PIPELINE = `
import { arrays, batch, definePipeline, horizontalFlip, ganMix, latentNoise, mixup, normalize, STATISTICS } from 'rxaug';
import { latentBank } from 'rxaug/gan';
import { onnxModel } from 'rxaug/onnx';

const made = {
  images: Uint8Array.from({ length: 60 * 192 }, (_, i) => 90 * (Math.floor(i / 192) % 2) + ((i * 7919) % 101)),
  labels: Array.from({ length: 60 }, (_, i) => i % 2),
  width: 8, height: 8, classes: ['dark', 'bright'],
};
const open = (name) => onnxModel(name + '.onnx', { threads: 1 });
const [encode, decode, generator] = [await open('encode'), await open('decode'), await open('generate')];
const bank = await latentBank({ encode, decode }, arrays(made).pipe(normalize(STATISTICS.symmetric), batch(20, { workers: 0 })));
const stages = {
  latent: latentNoise({ encode, decode }, { mode: 'extrapolate', bank, share: 0.6 }),
  gan: ganMix(generator, { share: 0.4, classBalance: 'uniform' }),
};

export default definePipeline({
  name: 'generative',
  settings: { with: 'both' },
  batches: ({ settings, seed, workers }) => {
    const plain = arrays(made, { seed, epochs: 3, shuffle: true }).pipe(horizontalFlip(), normalize(STATISTICS.symmetric), batch(8, { workers }));
    const has = (name) => settings.with === 'both' || settings.with === name;
    const latent = has('latent') ? plain.pipe(stages.latent) : plain;
    return (has('gan') ? latent.pipe(stages.gan) : latent).pipe(mixup(0.4));
  },
});
`;

const at = new Workspace({ 'made.js': PIPELINE });
afterAll(() => at.dispose());

beforeAll(async () => {
  await useBackend('wasm');
  const before = tf.memory().numTensors;
  const look = { input: [8, 8, 3], classes: ['dark', 'bright'] };
  const stateOf = (parts: Part[]) => ({ ...initializeParts(parts, keyOf(3)), slots: {} });
  const coder = buildCoder(autoencoder({ latent: 5, width: 8 }), look);
  const built = buildGan(gan({ latent: 4, width: 4, criticWidth: 4 }), look);
  const codes = new Autoencoder(coder, stateOf(partsOf(coder)));
  const images = new Generator(built, stateOf([built.generator, ...criticParts(built.critic)]));
  for (const name of ['encode', 'decode']) at.write(`${name}.onnx`, functionOnnx(codes, name));
  at.write('generate.onnx', functionOnnx(images, 'generate'));
  codes.dispose();
  images.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

const digest = async (...args: string[]) => {
  const { code, stdout, stderr } = await at.rxaug(['digest', 'made.js', '--batches', '20', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^[0-9a-f]{64}\n$/);
  return stdout;
};

it('latentNoise and ganMix in one pipeline: the same line for 0, 1 and 4 workers', async () => {
  const lines = [];
  for (const workers of ['0', '1', '4']) lines.push(await digest('--workers', workers));
  expect(new Set(lines).size).toBe(1);
  // And both stages are in it.
  for (const one of ['none', 'latent', 'gan'])
    lines.push(await digest('--workers', '0', '--set', `with=${one}`));
  expect(new Set(lines).size).toBe(4);
});
