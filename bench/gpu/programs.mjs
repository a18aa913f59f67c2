/**
 * Training steps as graphs for any size of batch: read from a folder where `npm run bundle -- --gpu` has put them, or traced
 * here, which takes a processor from some seconds to a minute.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { LEARNING_RATE, taskOf } from './models.mjs';
import { fromJson, openGraph } from './open-graph.mjs';
import { MODELS } from './sizes.mjs';

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { traceStep } = await at('train/compiled/traced-step.js');
const { Draws, keyOf } = await at('core/index.js');
const { tf } = await at('graph/tf.js');

export const FOLDER = fileURLToPath(new URL('./programs/', import.meta.url));
export const fileOf = (name) => `${FOLDER}${name}.json.gz`;

/**
 * Sizes of batches: none that is another number of the step, since equal constants are one; and all on one side of 4096
 * numbers, up to which constants are folded, for a row of each sample. The last is for the check.
 */
const BATCHES = ({ classes }) => (classes < 300 ? [7, 11, 13] : [5, 6, 9]);

/** Where it comes from, `graph` and `laws` (open-graph.mjs). */
export async function stepGraph(name) {
  if (existsSync(fileOf(name)))
    return { from: 'the bundle', ...fromJson(gunzipSync(readFileSync(fileOf(name))).toString()) };
  try {
    return { from: 'traced here', ...(await traceOpen(name)) };
  } catch (error) {
    throw new Error(
      `the step of ${name} could not be traced here (${error.message}); make the bundle with --programs ${name}`,
      { cause: error },
    );
  }
}

/** Traces the step of a model on the current backend; it must need no numbers of the host but the learning rate. */
export async function traceOpen(name, batches = BATCHES(MODELS[name])) {
  const task = taskOf(name);
  const state = task.init(keyOf(1));
  const traces = batches.map((batch) => {
    const feed = feedOf(name, batch);
    const { traced, state: after, metrics } = traceStep(task, state, feed, { key: keyOf(1), progress: 0 });
    tf.dispose([feed, metrics, after]);
    if (traced.hosts.length > 0 || traced.choices.length > 0)
      throw new Error(
        `bench: the step of ${name} has noise or schedules, which a file of its graph does not hold; trace it where it runs`,
      );
    return { batch, graph: traced.graph };
  });
  tf.dispose([state]);
  return openGraph(traces);
}

/** Images and classes drawn from a seed, as a batch that the task takes. */
export function numbersOf(name, batch, seed = 7) {
  const { side, classes } = MODELS[name];
  const draws = new Draws(keyOf(seed));
  const images = new Float32Array(batch * side * side * 3);
  for (let i = 0; i < images.length; i++) images[i] = 3.4 * draws.uniform() - 1.7; // mean 0, variance 1
  const targets = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) targets[i * classes + Math.floor(draws.uniform() * classes)] = 1;
  return { images, targets };
}

export function feedOf(name, batch, seed, learningRate = LEARNING_RATE) {
  const { side, classes } = MODELS[name];
  const { images, targets } = numbersOf(name, batch, seed);
  return {
    images: tf.tensor(images, [batch, side, side, 3]),
    targets: tf.tensor(targets, [batch, classes]),
    learningRate: tf.scalar(learningRate),
  };
}
