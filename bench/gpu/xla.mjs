/**
 * A training step through XLA, as a contestant of bench/lib/ours.mjs. Two steps are under way at once, as in training, and
 * the loss of each is read when it comes. `spec`: `model`, `batch`, `precision`, and `feed`: 'cached', a batch that lies on
 * the device, or 'stream', batches rendered from pixels in memory by the project's workers.
 */
import { findPlugin, openDevice } from './device.mjs';
import { LEARNING_RATE, taskOf } from './models.mjs';
import { atBatch } from './open-graph.mjs';
import { numbersOf, stepGraph } from './programs.mjs';
import { MODELS } from './sizes.mjs';
import { renderedBatches } from './stream.mjs';

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { writeStableHlo } = await at('graph/stablehlo/write.js');
const { isState } = await at('train/compiled/engine.js');
const { METRICS } = await at('train/compiled/traced-step.js');
const { flatten } = await at('train/state/tensors.js');
const { keyOf, softTargets } = await at('core/index.js');
const { tf } = await at('graph/tf.js');

export default { ours: contestant };

async function contestant({ model, batch, precision, feed, plugin }, rxaug) {
  await rxaug.loadBackend('wasm'); // for the first weights, and to trace what the bundle does not have
  const device = await openDevice(plugin ?? findPlugin());
  const step = await compiledStep(device, { model, batch, precision, cached: feed === 'cached' });
  const { source, close } = feed === 'cached' ? { source: cached } : streamed(rxaug, model, batch);
  const first = performance.now();
  let under = [];
  const begin = async () => under.push(source.next().then((numbers) => step.run(numbers, source.release)));
  const settle = async () => {
    const loss = await under.shift();
    if (!Number.isFinite(loss)) throw new Error(`the loss of ${model} is ${loss}`);
    return batch;
  };
  begin();
  await settle();
  const firstStep = (performance.now() - first) / 1000;
  return {
    about: {
      device: device.info.devices[0],
      graph: step.from,
      secondsToTrace: step.secondsToTrace,
      secondsToCompile: step.secondsToCompile,
      secondsOfFirstStep: firstStep,
    },
    async step() {
      begin();
      return under.length > 1 ? settle() : 0;
    },
    async drain() {
      let count = 0;
      while (under.length > 0) count += await settle();
      return count;
    },
    async close() {
      await Promise.allSettled(under);
      under = [];
      await close?.();
      await device.close();
    },
  };
}

const cached = { next: async () => ({}) };

/** Compiles the step and puts a first state on the device. */
async function compiledStep(device, { model, batch, precision, cached }) {
  const begin = performance.now();
  const open = await stepGraph(model);
  const secondsToTrace = (performance.now() - begin) / 1000;
  const graph = atBatch(open, batch);
  const lies = (name) => isState(name) || (cached && /^feed\/(images|targets)$/.test(name));
  const takes = new Map(graph.inputs.map((value) => [value.name, value]));
  const donate = Object.keys(graph.outputs).filter(
    (name) => isState(name) && takes.get(name) !== graph.outputs[name],
  );
  const session = await device.createSession(graph.inputs.filter(({ name }) => lies(name)));
  const from = performance.now();
  const program = await session.loadProgram({
    name: model.replace(/\W/g, '_'),
    text: writeStableHlo(graph, { donate, precision }),
    inputs: graph.inputs,
    outputs: Object.entries(graph.outputs).map(([name, value]) => ({ ...value, name })),
  });
  const secondsToCompile = (performance.now() - from) / 1000;

  const state = flatten(taskOf(model).init(keyOf(1)));
  const numbers = Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => [name, tensor.dataSync()]),
  );
  tf.dispose(state);
  if (cached) {
    const { images, targets } = numbersOf(model, batch);
    Object.assign(numbers, { 'feed/images': images, 'feed/targets': targets });
  }
  await session.setState(numbers);
  const learningRate = { 'feed/learningRate': Float32Array.of(LEARNING_RATE) };
  return {
    from: open.from,
    secondsToTrace,
    secondsToCompile,
    /** Resolves to the loss, the first of the metrics. */
    async run(feed, release = () => {}) {
      try {
        const given = Object.fromEntries(
          ['images', 'targets'].flatMap((key) => (feed[key] ? [[`feed/${key}`, feed[key]]] : [])),
        );
        return (await program.step({ ...given, ...learningRate }))[METRICS][0];
      } finally {
        release(feed);
      }
    },
  };
}

function streamed(rxaug, model, size) {
  const { side, classes } = MODELS[model];
  const stream = rxaug.pull(renderedBatches(rxaug, { side, classes, size }));
  const source = {
    async next() {
      const { done, value: batch } = await stream.next();
      if (done) throw new Error('the stream of batches ended');
      const images = batch.images.subarray(0, size * side * side * 3);
      return { images, targets: softTargets(batch).subarray(0, size * classes), batch };
    },
    release: ({ batch }) => batch.dispose(),
  };
  return { source, close: () => stream.return() };
}
