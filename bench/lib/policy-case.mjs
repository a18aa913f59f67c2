/** The three policy cases differ in one operator, and in the other libraries that have it. */

import { dataset, decoded, drawBatches, source } from './ours-streams.mjs';
import { peers } from './peers.mjs';

export function policyCase(name, what, operator, others) {
  return {
    name,
    about: `${what} on decoded 224 × 224 photos in memory; uint8 batches of 64`,
    unit: 'images/s',
    conditions: 'one core each',
    cores: 1,
    inputs: ['photos'],
    contestants: { rxaug: {}, ...peers('torchvision-pil', 'torchvision-tensor', ...others) },
    async ours(spec, rxaug) {
      const images = await squares(await decoded(spec, rxaug), rxaug);
      const samples$ = source(rxaug, images).pipe(operator(rxaug));
      return drawBatches(rxaug, samples$, { size: spec.batch, workers: 0, dtype: 'uint8' });
    },
  };
}

/** Shorter side to 256, center crop to 224, as the peers prepare theirs; each image once. */
async function squares(images, rxaug) {
  const once = rxaug.samples(dataset(images), { seed: 0 });
  const prepared$ = once.pipe(
    rxaug.resize({ size: 256, keepRatio: true }),
    rxaug.centerCrop(224),
    rxaug.batch(1, { workers: 0, dtype: 'uint8' }),
  );
  const prepared = [];
  for await (const batch of rxaug.pull(prepared$)) {
    prepared.push({ data: Uint8Array.from(batch.images), width: 224, height: 224, channels: 3 });
    batch.dispose();
  }
  return prepared;
}
