/** The augmentation of a pipeline script, read back from the stream of batches that it gives. No data is read. */
import type { Observable } from 'rxjs';
import { type BoundTransform, PIPELINE_VERSION, type PipelineJson } from '../augment/index.js';
import { UsageError } from '../core/index.js';
import { lineage, type Named } from '../core/lineage.js';
import type { PipelineContext } from '../pipeline/define-pipeline.js';
import { batchesOf } from './batches-of.js';
import type { LoadedPipeline } from './load-pipeline.js';

export interface Augmentation {
  readonly json: PipelineJson;
  /** Its transforms of samples, bound: those of plugins too. */
  readonly transforms: readonly BoundTransform[];
  /** Operators of RxJS or of the user, which may change images in unknown ways. */
  readonly foreign: number;
}

export async function augmentationOf(
  path: string,
  pipeline: LoadedPipeline,
  context: PipelineContext,
): Promise<Augmentation> {
  const links = lineage(await batchesOf(path, pipeline, context));
  const opaque = links.find(({ opaque }) => opaque !== undefined)?.opaque;
  if (opaque !== undefined)
    throw new UsageError(`${path}: ${opaque} cannot be read; export the JSON of its transforms instead`);
  const steps = (named: readonly Named[]) => named.map(({ name, options }) => ({ op: name, options }));
  const json = {
    rxaug: PIPELINE_VERSION,
    transforms: steps(links.flatMap(({ sample = [] }) => sample)),
    batch: steps(links.flatMap(({ batch = [] }) => batch)),
  };
  return {
    transforms: links.flatMap(({ sample = [] }) => sample) as BoundTransform[],
    json: JSON.parse(JSON.stringify(json)) as PipelineJson,
    foreign: links.filter(({ foreign }) => foreign).length,
  };
}

/**
 * A sentence for each batch operator that runs on the main thread because it does not stand directly behind `batch`;
 * none where the workers do all mixing.
 */
export function mixesOnMainThread(batches: Observable<unknown>): string[] {
  const links = lineage(batches);
  // The stream of `batch` itself holds what the workers mix.
  const after = links.slice(links.findIndex(({ gives }) => gives === 'batches') + 1);
  return after.flatMap(({ batch = [] }, i) => {
    const { opaque } = after.slice(0, i).find((link) => link.foreign || link.opaque) ?? {};
    const between = opaque ?? 'an operator of RxJS';
    return batch.map(
      ({ name }) =>
        `${name} runs on the main thread, because ${between} stands between batch() and it; put ${name}() directly behind batch()`,
    );
  });
}
