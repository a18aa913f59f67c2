#!/usr/bin/env node
/**
 * A thousand batches through `latentNoise` and `ganMix`, with tiny models here and the same models as ONNX: no tensor
 * and no process may leak, and memory must be flat in this process and in those of the models. Half way each of those is
 * killed; the batches must equal those of a run without a kill.
 *
 *   node bench/leak-generative.mjs [--batches 1000] [--every 100]
 *
 * JSON on stdout, one line a measurement on stderr. Exit code 1 when something stayed, grew, or was lost.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { optionsOf, wholeNumber } from './lib/options.mjs';
import { rxaug } from './lib/rxaug.mjs';

/** Growth of our process in MB over the second half that counts as flat. */
const FLAT = 10;
/** Of a model's process in MB over the run: Node's heap there grows by some 40 until its first full collection, at about 15,000 runs, and is flat from then on. */
const SETTLES = 64;
const [SIDE, BATCH, CLASSES] = [8, 16, 4];

const { batches, every } = optionsOf('node bench/leak-generative.mjs [--batches N] [--every N]', {
  batches: { default: '1000', read: wholeNumber },
  every: { default: '100', read: wholeNumber },
});
const { arrays, autoencoder, batch, fit, horizontalFlip, functionOnnx, gan } = rxaug;
const { ganMix, latentBank, latentNoise, mixup, normalize, onnxModel, pull } = rxaug;

const data = {
  images: Uint8Array.from(
    { length: 160 * SIDE * SIDE * 3 },
    (_, i) => (i * 7919 + (i >> 6) * 31 + 60 * (Math.floor(i / 192) % CLASSES)) % 256,
  ),
  labels: Array.from({ length: 160 }, (_, i) => i % CLASSES),
  width: SIDE,
  height: SIDE,
  classes: ['a', 'b', 'c', 'd'],
};
const plain = (source = {}, workers = 0) =>
  arrays(data, source).pipe(
    horizontalFlip(),
    normalize(rxaug.STATISTICS.symmetric),
    batch(BATCH, { workers }),
  );

const { name: backend } = await rxaug.loadBackend('wasm');
const coder = await fit(plain(), { model: autoencoder({ latent: 5, width: 8 }), backend });
const generator = await fit(plain(), { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend });
const open = (model, name) => onnxModel(functionOnnx(model, name), { threads: 1 });
const files = [await open(coder, 'encode'), await open(coder, 'decode'), await open(generator, 'generate')];
const [encode, decode, generate] = files;
const bank = await latentBank(coder, plain());
const before = tf.memory().numTensors;

const stream = () =>
  plain({ shuffle: true, epochs: Math.ceil(batches / 10) }, 1).pipe(
    latentNoise(coder, { mode: 'extrapolate', bank, share: 0.3 }),
    latentNoise({ encode, decode }, { mode: 'noise', share: 0.3 }),
    ganMix(generator, { share: 0.2 }),
    ganMix(generate, { share: 0.2 }),
    mixup(0.2),
  );
const pids = () => files.map(({ host }) => host.pid).filter((pid) => pid !== undefined);
const residentMB = (pid) => {
  try {
    return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // no /proc, or gone
  }
};
const alive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const seen = new Set();
const curve = [];
async function digestOf(count, watch) {
  const hash = createHash('sha256');
  let n = 0;
  for await (const made of pull(stream())) {
    hash.update(new Uint8Array(made.images.buffer, made.images.byteOffset, made.images.byteLength));
    made.dispose();
    watch(++n);
    if (n === count) break;
  }
  return hash.digest('hex');
}

const killAt = Math.floor(batches / 2);
const whole = await digestOf(batches, (n) => {
  for (const pid of pids()) seen.add(pid);
  if (n % every !== 0) return;
  globalThis.gc?.();
  const models = pids().reduce((sum, pid) => sum + residentMB(pid), 0);
  const point = {
    batch: n,
    tensors: tf.memory().numTensors - before,
    processes: pids().length,
    rssMB: Math.round(process.memoryUsage().rss / 1e5) / 10,
    modelsMB: Math.round(10 * models) / 10,
  };
  curve.push(point);
  process.stderr.write(`${JSON.stringify(point)}\n`);
});
let killed = 0;
const again = await digestOf(batches, (n) => {
  for (const pid of pids()) seen.add(pid);
  if (n !== killAt) return;
  for (const pid of pids()) killed += Number(process.kill(pid, 'SIGKILL'));
});

const late = curve.slice(Math.floor(curve.length / 2));
const grown = (points, key) =>
  points.length > 1 ? Math.round(10 * (points.at(-1)[key] - points[0][key])) / 10 : 0;
const growthMB = grown(late, 'rssMB');
const modelsGrowthMB = grown(curve, 'modelsMB');
const tensorsLeft = tf.memory().numTensors - before;
for (const file of files) await file.dispose();
coder.dispose();
generator.dispose();
const processesLeft = [...seen].filter(alive).length;
const lost = whole !== again;
const leaks = tensorsLeft > 0 || processesLeft > 0 || curve.some(({ tensors }) => tensors > 0);
const flat = growthMB <= FLAT && modelsGrowthMB <= files.length * SETTLES;
console.log(
  JSON.stringify({
    backend,
    batches,
    tensorsLeft,
    processes: seen.size,
    killed,
    processesLeft,
    growthMB,
    modelsGrowthMB,
    flat,
    leaks,
    lost,
    digest: whole,
  }),
);
process.exit(leaks || lost || !flat ? 1 : 0);
