/** Batches as a training gets them: pixels in memory, a padded crop and a flip by the project's workers, float32. */
import { availableParallelism } from 'node:os';

const IMAGES = 2048;

/** Images that a seed gives, as a data set: noise that is smooth enough to be seen, each with its own class. */
function dataset({ side, classes }) {
  let seed = 1;
  const byte = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed >>> 24;
  };
  const images = Array.from({ length: side > 64 ? 128 : IMAGES }, () =>
    Uint8Array.from({ length: side * side * 3 }, byte),
  );
  return {
    name: 'drawn from a seed',
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    length: images.length,
    item: (i) => ({
      id: `image ${i}`,
      image: { kind: 'pixels', data: images[i], width: side, height: side, channels: 3 },
      label: i % classes,
    }),
  };
}

export function renderedBatches(rxaug, { side, classes, size }) {
  const { batch, horizontalFlip, normalize, padCrop, samples } = rxaug;
  const statistics = { mean: [0.5, 0.5, 0.5], std: [0.29, 0.29, 0.29] };
  return samples(dataset({ side, classes }), { seed: 1, epochs: Number.POSITIVE_INFINITY }).pipe(
    padCrop(4),
    horizontalFlip(),
    normalize(statistics),
    batch(size, { dropLast: true, workers: Math.max(1, Math.min(8, availableParallelism() - 1)) }),
  );
}

/** The stream alone: what it could feed if a step took no time. A contestant of bench/lib/ours.mjs. */
export default {
  async ours({ batch: size, side, classes }, rxaug) {
    const stream = rxaug.pull(renderedBatches(rxaug, { side, classes, size }));
    const step = async () => {
      const { value: batch } = await stream.next();
      batch.dispose();
      return size;
    };
    return { step, skip: 6, close: () => stream.return() };
  },
};
