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
const { EagerStepper, wholeStep } = await at('train/loop/stepper.js');
const { flatten } = await at('train/state/tensors.js');
const { uniform } = await at('train/ops/noise.js');
const { fold, keyOf } = await at('core/index.js');

/**
 * Relative differences that are still rounding: of losses that both reach by themselves; and, after the first step, of
 * all weights, of all that is added to slots (the gradient) and running statistics, and of any one tensor. A ReLU whose
 * input rounds to the other side of 0 takes one of some ten thousand terms out of a gradient, or puts it in.
 */
const ALLOWED = { losses: 1e-4, weights: 1e-6, changes: 1e-2, tensor: 0.1 };
/** Small, for rounding grows with it: at 0.01 a batch of 4 made 1e-7 into 1e-3 within ten steps. */
const LEARNING_RATE = 2e-4;

export default async function measure({ models: names, batch, steps }) {
  const { why } = await rxaug.loadBackend('wasm');
  const device = await openDevice(findPlugin());
  try {
    const masks = await sameNoise(device);
    const models = {};
    for (const model of names) models[model] = await losses(device, model, { batch, steps });
    const passed = Object.values(models).every(({ largest }) =>
      Object.entries(ALLOWED).every(([what, most]) => largest[what] <= most),
    );
    return {
      beside: why,
      batch,
      steps,
      allowed: ALLOWED,
      passed: masks.different === 0 && passed,
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
  const before = await numbersIn(steppers.eager);
  const seen = { eager: [], xla: [] };
  let largest = {};
  for (let i = 0; i < steps; i++) {
    const feed = feedOf(model, batch, 100 + (i % 4), LEARNING_RATE);
    const moment = { key: fold(keyOf(5), i), progress: i / steps };
    for (const [name, stepper] of Object.entries(steppers))
      seen[name].push((await wholeStep(stepper, feed, moment, `in step ${i} of the check`)).loss);
    tf.dispose(feed);
    if (i === 0) largest = apart(before, await numbersIn(steppers.eager), await numbersIn(steppers.xla));
  }
  for (const stepper of Object.values(steppers)) stepper.dispose();
  const differences = seen.eager.map((loss, i) => Math.abs(seen.xla[i] - loss) / Math.abs(loss));
  return { largest: { losses: Math.max(...differences), ...largest }, losses: seen };
}

async function numbersIn(stepper) {
  const entries = Object.entries(flatten(await stepper.state()));
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, t]) => [name, (await t.data()).slice()])),
  );
}

/**
 * Relative differences of two states that come from one: of all weights and of all changes, each as one vector, and of
 * the tensor that is furthest apart.
 */
function apart(before, one, two) {
  const squares = (length, f) => {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += f(i) ** 2;
    return sum;
  };
  const sums = { weights: [0, 0], changes: [0, 0] };
  let worst = { name: '', by: 0 };
  for (const [name, a] of Object.entries(one)) {
    const [b, old] = [two[name], before[name]];
    const isWeight = name.startsWith('params/');
    const difference = squares(a.length, (i) => a[i] - b[i]);
    const size = squares(a.length, (i) => (isWeight ? a[i] : a[i] - old[i]));
    const sum = sums[isWeight ? 'weights' : 'changes'];
    sum[0] += difference;
    sum[1] += size;
    const by = Math.sqrt(difference / Math.max(size, 1e-24));
    if (!(by <= worst.by)) worst = { name, by };
  }
  const [weights, changes] = [sums.weights, sums.changes].map(([difference, size]) =>
    Math.sqrt(difference / size),
  );
  return { weights, changes, tensor: worst.by, furthest: worst.name };
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
