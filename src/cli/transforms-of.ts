/** Transforms of samples that a command is given: a policy's name, a pipeline script, or a pipeline as JSON. */
import { readFileSync } from 'node:fs';
import { asOperator, pipelineFromJson, type SampleOperator } from '../augment/index.js';
import { messageOf, UsageError } from '../core/index.js';
import { augmentationOf } from './augmentation-of.js';
import { loadPipeline } from './load-pipeline.js';
import { contextOf } from './options.js';
import { refuseSettings } from './settings.js';

export interface GivenTransforms {
  readonly transforms: readonly SampleOperator[];
  /** What cannot act on one image, each in a few words: 'mixup (it mixes the images of a batch)'. */
  readonly left: readonly string[];
}

/** Whether a path is that of a pipeline script. */
export const isScript = (path: string): boolean => /\.[cm]?[jt]s$/.test(path);

const MIXES = 'it mixes the images of a batch';

/** Of a script (.ts, .js) or JSON (a .json file, or the text itself). */
export async function transformsOf(
  owner: string,
  given: string,
  set: readonly string[] = [],
): Promise<GivenTransforms> {
  if (isScript(given)) return fromScript(given, set);
  refuseSettings(set);
  if (/^\s*\{/.test(given)) return fromJson(given);
  if (given.endsWith('.json')) return fromJson(textOf(owner, given));
  throw new UsageError(
    `${owner}: --pipeline: expected a script (.ts, .js) or JSON (.json) but received '${given}'; check its ending`,
  );
}

function fromJson(text: string): GivenTransforms {
  const { transforms, stages, batch } = pipelineFromJson(text, [], { stages: 'elsewhere' });
  return {
    transforms,
    left: [
      ...stages.map(({ op }) => `${op} (it computes on batches with a model)`),
      ...batch.map(({ name }) => `${name} (${MIXES})`),
    ],
  };
}

/** The text of a file that a command is given. */
export function textOf(owner: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${owner}: cannot read '${path}' (${messageOf(error)}); check the path`);
  }
}

async function fromScript(path: string, set: readonly string[]): Promise<GivenTransforms> {
  const pipeline = await loadPipeline(path);
  const context = contextOf(pipeline, { set: [...set], seed: 0 }, new AbortController().signal);
  const { transforms, json, foreign } = await augmentationOf(path, pipeline, context);
  return {
    transforms: transforms.map(asOperator),
    left: [
      ...(json.batch ?? []).map(({ op }) => `${op} (${MIXES})`),
      ...(foreign > 0 ? [`${foreign} operators of RxJS or of your own (they are no transforms)`] : []),
    ],
  };
}
