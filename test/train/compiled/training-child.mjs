/**
 * Trains a small network with noise, schedules, an average of weights and a last batch of its own size, and writes a line a
 * step: `step loss`, the loss with all its digits. usage: node training-child.mjs BACKEND COMPILE FOLDER
 */
import { writeSync } from 'node:fs';

const { adam, arrays, batch, linear, normalize, pull, resnet, train } = await import(
  '../../../dist/index.js'
);

const [backend, compile, dir] = process.argv.slice(2);
const [images, labels] = [new Uint8Array(44 * 8 * 8 * 3), new Int32Array(44)];
for (let i = 0; i < 44; i++) {
  labels[i] = i % 3;
  for (let p = 0; p < 192; p++) images[i * 192 + p] = (labels[i] * 80 + ((i * 31 + p * 17) % 61)) % 256;
}
const source = arrays(
  { images, labels, height: 8, width: 8, classes: ['a', 'b', 'c'] },
  { seed: 1, shuffle: true, epochs: 8 },
);
const events$ = train(source.pipe(normalize(), batch(9, { workers: 0 })), {
  model: resnet(8, { width: 4, dropout: linear(0, 0.3), stochasticDepth: 0.2 }),
  optimizer: adam(),
  learningRate: 1e-3,
  labelSmoothing: linear(0.2, 0),
  ema: { decay: 0.9 },
  checkpoint: { dir, every: 3 },
  resume: true,
  seed: 3,
  backend,
  compile: JSON.parse(compile),
});
for await (const event of pull(events$)) {
  if (event.kind === 'step') writeSync(1, `${event.step} ${event.metrics.loss}\n`);
  if (event.kind === 'notice' && /is not compiled/.test(event.message)) throw new Error(event.message);
}
writeSync(1, 'end\n');
