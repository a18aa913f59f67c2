/**
 * A step of the search by a critic: the policy augments and learns, then critic, student and teacher. Ours is the task that
 * `rxaug search` trains, stepped as the trainer does.
 */
import { cached } from '../lib/ours-training.mjs';

const at = (path) => new URL(`../../dist/${path}`, import.meta.url).href;

/** As in pipelines/search-planted.ts, and in peers/pytorch_search.py. */
const OPS = [
  ...['rotate', 'translateX', 'translateY', 'horizontalFlip', 'verticalFlip'],
  ...['brightness', 'contrast', 'saturation', 'hue', 'invert'],
];

export default {
  name: 'search-step',
  about:
    "a step of rxaug search's critic on 64 images of 32 × 32: ten ops, two stages, image by image; critic with gradient penalty, student, teacher; images searched a second",
  unit: 'images/s',
  conditions: 'one core each',
  cores: 1,
  batch: 64,
  inputs: ['shards'],
  contestants: {
    rxaug: {},
    pytorch: { script: 'pytorch_search.py' },
  },
  async ours(spec, rxaug) {
    const [
      { criticTask },
      { tableAugmenter },
      { criticOptions },
      { loadBackend },
      { stepOf },
      { disposeState },
      core,
    ] = await Promise.all([
      import(at('search/critic/task.js')),
      import(at('search/critic/table.js')),
      import(at('search/critic/options.js')),
      import(at('train/backends/load.js')),
      import(at('train/loop/one-step.js')),
      import(at('train/state/tensors.js')),
      import(at('core/index.js')),
    ]);
    const tf = await import('@tensorflow/tfjs-core');
    const backend = await loadBackend('auto');
    const samples$ = rxaug.webdataset(spec.shards, { seed: 1, epochs: Number.POSITIVE_INFINITY });
    const batches = await cached(rxaug, samples$.pipe(rxaug.batch(spec.batch, { dropLast: true })));
    const { value: batch } = await batches.next();
    const heldOut = tf.tensor4d(batch.images.slice(), [spec.batch, 32, 32, 3]);
    const space = rxaug.searchSpace({ only: OPS, subPolicies: 1 });
    const options = { ...criticOptions.parse({ warmup: 0 }), steps: 1e6 };
    const augmenter = tableAugmenter(space, options);
    const task = criticTask(
      augmenter,
      heldOut,
      options,
    )({ input: [32, 32, 3], classes: batch.origin.classes });
    const key = core.keyOf(1);
    let state = task.init(key);
    let count = 0;
    const learningRate = tf.scalar(1e-3);
    const step = async () => {
      const feed = task.feed(batch);
      const context = { key: core.fold(key, count++), progress: 0 };
      const next = await stepOf(task, state, { ...feed, learningRate }, context, 'in the bench');
      tf.dispose(feed);
      disposeState(state, next.state);
      state = next.state;
      return batch.size;
    };
    await step();
    return { step, about: { backend: backend.name } };
  },
};
