import { DECODER } from './ours-streams.mjs';

/** Tar shards of small images to batches of float32, decoded on the way, through these stages. */
export function smallBatches(spec, rxaug, stages) {
  const samples$ = rxaug.webdataset(spec.shards, { seed: 1, epochs: Number.POSITIVE_INFINITY });
  return samples$.pipe(...stages, rxaug.batch(spec.batch, { decoder: DECODER, dropLast: true }));
}
