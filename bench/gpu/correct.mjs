/**
 * Steps of the project's trainer through XLA beside the same steps as eager kernels on the processor: losses, with and
 * without dropout, and the uniform numbers that masks are made of, to the bit.
 */
import { rxaug } from '../lib/rxaug.mjs';
import { findPlugin, openDevice } from './device.mjs';
import { taskOf } from './models.mjs';
import { feedOf } from './programs.mjs';

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { traceFunction, writeStableHlo } = await at('graph/index.js');
const { tf } = await at('graph/tf.js');
const { CompiledStepper } = await at('train/compiled/compiled-stepper.js');
const { XlaEngine } = await at('train/compiled/xla-engine.js');
const { EagerStepper } = await at('train/loop/stepper.js');
const { uniform } = await at('train/ops/noise.js');
const { fold, keyOf } = await at('core/index.js');

/** Relative difference of losses that is still rounding. */
const ALLOWED = 1e-4;

export default async function measure({ models: names, batch, steps }) {
  const { why } = await rxaug.loadBackend('wasm');
  const device = await openDevice(findPlugin());
  try {
    const masks = await sameNoise(device);
    const models = {};
    for (const model of names) models[model] = await losses(device, model, { batch, steps });
    const worst = Math.max(...Object.values(models).map(({ largestDifference }) => largestDifference));
    return {
      beside: why,
      batch,
      steps,
      allowed: ALLOWED,
      passed: masks.different === 0 && worst <= ALLOWED,
      masks,
      models,
    };
  } finally {
    await device.close();
  }
}

async function losses(device, model, { batch, steps }) {
  const task = taskOf(model);
  const notice = (message) => {
    throw new Error(message);
  };
  const steppers = {
    eager: new EagerStepper(task, task.init(keyOf(1))),
    xla: new CompiledStepper(task, task.init(keyOf(1)), new XlaEngine(device), { compile: true, notice }),
  };
  const seen = { eager: [], xla: [] };
  for (let i = 0; i < steps; i++) {
    const feed = feedOf(model, batch, 100 + (i % 4));
    const moment = { key: fold(keyOf(5), i), progress: i / steps };
    for (const [name, stepper] of Object.entries(steppers))
      seen[name].push((await stepper.advance(feed, moment, `in step ${i} of the check`)).loss);
    tf.dispose(feed);
  }
  for (const stepper of Object.values(steppers)) stepper.dispose();
  const differences = seen.eager.map((loss, i) => Math.abs(seen.xla[i] - loss) / Math.abs(loss));
  return { largestDifference: Math.max(...differences), losses: seen };
}

/** Uniform numbers of the device beside those of the processor. */
async function sameNoise(device) {
  const shape = [1000, 7];
  const make = () => uniform(keyOf(11), shape);
  const graph = traceFunction(({ x }) => tf.add(make(), x), { inputs: [{ name: 'x', shape: [] }] });
  const session = await device.createSession([]);
  const program = await session.loadProgram({
    name: 'noise',
    text: writeStableHlo(graph),
    inputs: graph.inputs,
    outputs: [{ name: 'output', shape, dtype: 'float32' }],
  });
  const { output } = await program.step({ x: Float32Array.of(0) });
  await session.dispose();
  const wanted = tf.tidy(() => make().dataSync().slice());
  return { numbers: wanted.length, different: wanted.filter((x, i) => !Object.is(x, output[i])).length };
}
