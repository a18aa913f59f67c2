/**
 * The model in a checkpoint, of any kind. It is here, in the first room that knows classifiers and generative models
 * alike; generative models are imported only where a checkpoint holds one.
 */

import type { Autoencoder, Generator, ImageAugmenter, SmartAugmenter } from '../gan/index.js';
import type { GenerativeModel } from '../gan/trained.js';
import type { Trained } from '../train/classification/classifier.js';
import { classifierKind } from '../train/classification/kind.js';
import { loadAs } from '../train/load.js';

/** What `load` gives: what `fit` gave when the checkpoint was written. */
export type LoadedModel = Trained | Autoencoder | Generator | ImageAugmenter | SmartAugmenter;

export function load(path: string): Promise<LoadedModel>;
export function load<M extends Trained | GenerativeModel>(
  path: string,
  wanted: abstract new (...args: never[]) => M,
): Promise<M>;
export function load(path: string, wanted?: abstract new (...args: never[]) => unknown): Promise<unknown> {
  return loadAs(path, kindsFor(wanted), wanted);
}

const kindsFor = (wanted: unknown) => async (task: unknown) => {
  if (task === classifierKind.task && (!wanted || wanted === classifierKind.result)) return [classifierKind];
  const { generativeKinds } = await import('../gan/kinds.js');
  return [classifierKind, ...generativeKinds];
};
