/** Checks before hours of scanning: whether models fit a source, and one run of each on an image of it. */
import { BadSampleError, UsageError } from '../../core/index.js';
import { ImageFiles, MOST_BYTES } from '../../io/files.js';
import type { OpenedDataset } from '../../io/index.js';
import type { Filter } from '../filters.js';
import { hasLabels } from '../schema-of.js';
import { storedImage } from '../stored-image.js';
import { classNumbers } from './class-numbers.js';
import { ModelScorer } from './model-scorer.js';
import type { Scorer, Scoring } from './scoring.js';

/**
 * The models of the filters, each once, with the numbers that they have for the classes of the source.
 *
 * @throws UsageError for a source without labels, or with classes that a model does not know, where it is asked about them;
 * for filters that give one model two limits of memory
 */
export function scorersOf(filters: readonly Filter[], source: OpenedDataset): Scorer[] {
  const all = new Map<string, Scoring>();
  for (const { scoring } of filters) {
    if (!scoring) continue;
    const same = all.get(scoring.key);
    if (same && same.memory !== scoring.memory)
      throw new UsageError(
        `prepare: ${scoring.owner}: memory: two filters share one process of the model and give it ${same.memory / 2 ** 20} and ${scoring.memory / 2 ** 20} megabytes; give both the same`,
      );
    all.set(scoring.key, scoring);
  }
  return [...all.values()].map((scoring) =>
    scoring.query.label ? { ...scoring, numbers: numbersOf(scoring, source) } : scoring,
  );
}

function numbersOf({ owner, query: { classes = [] } }: Scoring, source: OpenedDataset): number[] {
  const where = `prepare: ${owner}`;
  if (!hasLabels(source))
    throw new UsageError(
      `${where}: the model is asked about the labels of images, and '${source.name}' has none; give a source with labels, or a limit that needs none`,
    );
  const soft = (id: string) =>
    `the model is asked about the label of ${id}, which is a distribution and no class; give images of one class each, or a limit that needs no label`;
  return [...classNumbers(where, source, classes, soft)];
}

/** Images that are tried until one can be decoded. */
const TRIED = 8;

/**
 * Runs each model once, on the first image that can be decoded: what would go wrong with every image goes wrong here.
 *
 * @throws UsageError in one sentence, for sizes, counts and numbers that do not fit
 */
export async function tryModels(scorers: readonly Scorer[], source: OpenedDataset): Promise<void> {
  for (const scorer of scorers) {
    const model = await ModelScorer.open(scorer);
    try {
      await tryOne(scorer, model, source);
    } finally {
      await model.dispose();
    }
  }
}

async function tryOne({ owner }: Scorer, model: ModelScorer, source: OpenedDataset): Promise<void> {
  let failure: string | undefined;
  const files = new ImageFiles(MOST_BYTES, 4);
  try {
    for (let i = 0; i < Math.min(TRIED, source.length); i++) {
      const { id, image, label } = source.item(i);
      try {
        const stored = storedImage(image, id, files);
        const { scored } = await model.ask(stored.image, id, typeof label === 'number' ? label : undefined);
        const found = await scored;
        if (!('failed' in found)) return;
        failure ??= `${id}: ${found.failed}`;
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error; // the scan names those
      }
    }
  } finally {
    files.dispose();
  }
  if (failure !== undefined)
    throw new UsageError(
      `prepare: ${owner}: ${failure}; so it is with all of the first images: check transforms and gives, and the model itself`,
    );
}
