/** `rxaug digest`: one SHA-256 over the exact bytes of some batches; the same for any number of workers. */
import { createHash, type Hash } from 'node:crypto';
import { Command } from 'commander';
import type { Observable } from 'rxjs';
import { type Batch, RxaugError } from '../../core/index.js';
import { pull } from '../../stream/demand.js';
import { BadList } from '../bad-list.js';
import { batchesOf } from '../batches-of.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf, numberOption, type PipelineFlags, withPipeline } from '../options.js';
import { print, printJson } from '../out.js';

interface Flags extends PipelineFlags {
  readonly batches: number;
  readonly epoch: number;
  readonly skip: number;
  readonly json?: boolean;
}

export function digestCommand(): Command {
  return withPipeline(new Command('digest').description('print one SHA-256 over the exact bytes of batches'))
    .addOption(numberOption('--batches', 'n', 'how many batches', 1).default(10))
    .addOption(numberOption('--epoch', 'n', 'the epoch to begin with').default(0))
    .addOption(
      numberOption('--skip', 'n', 'batches to leave out from there on, without rendering them').default(0),
    )
    .option('--json', 'print an object with details')
    .action(async (path: string, flags: Flags) => {
      const pipeline = await loadPipeline(path);
      await interruptible(async (signal) => {
        const context = contextOf(pipeline, flags, signal);
        const batches = await batchesOf(path, pipeline, context);
        const list = new BadList();
        const result = await digestOf(batches.pipe(list.watch()), flags, signal).finally(() => list.print());
        if (signal.aborted) return;
        const details = {
          pipeline: pipeline.name,
          seed: flags.seed,
          epoch: flags.epoch,
          skip: flags.skip,
          ...result,
          leftOut: { ...list.summary, ...(list.boxes.count > 0 && { boxes: list.boxes }) },
        };
        if (flags.json) printJson(details);
        else print(result.digest);
      });
    });
}

export interface Digest {
  readonly digest: string;
  readonly batches: number;
  readonly images: number;
  readonly bytes: number;
  /** Samples that were left out, by id. */
  readonly bad: readonly string[];
}

/** Hashes batches from `skip` after the start of an epoch on, over the ends of epochs: for each its images, its labels (int32), its soft targets (float32), its masks by name, and its boxes and keypoints as JSON, if any. */
export async function digestOf(
  source: Observable<Batch>,
  { batches, epoch, skip, workers }: Pick<Flags, 'batches' | 'epoch' | 'skip' | 'workers'>,
  signal?: AbortSignal,
): Promise<Digest> {
  const hash = createHash('sha256');
  const stream = pull(source, { start: { epoch, batch: skip }, workers });
  const stop = () => stream.cancel();
  signal?.addEventListener('abort', stop);
  let [seen, images, bytes] = [0, 0, 0];
  const bad: string[] = [];
  try {
    for await (const batch of stream) {
      bytes += addBatch(hash, batch);
      images += batch.size;
      bad.push(...batch.bad.map(({ id }) => id));
      batch.dispose();
      if (++seen === batches) break;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.cancel();
  }
  if (seen < batches && !signal?.aborted) {
    throw new RxaugError(
      `expected ${batches} ${batches === 1 ? 'batch' : 'batches'} from epoch ${epoch}, batch ${skip} on, but the stream ended after ${seen}; lower --batches${skip > 0 ? ' or --skip' : ''}, or set more epochs`,
    );
  }
  return { digest: hash.digest('hex'), batches: seen, images, bytes, bad };
}

function addBatch(hash: Hash, { images, labels, soft, masks = {}, targets }: Batch): number {
  let bytes = 0;
  const ids = Object.keys(masks)
    .sort()
    .map((name) => masks[name]);
  const rest = targets && Buffer.from(JSON.stringify(targets));
  for (const part of [images, labels, soft, ...ids, rest]) {
    if (!part) continue;
    hash.update(part);
    bytes += part.byteLength;
  }
  return bytes;
}
