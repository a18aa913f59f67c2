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

/**
 * The model in a checkpoint, of whatever kind: what `fit` gave when it was written. A backend is loaded where none is yet.
 * The model belongs to you: `dispose()` frees its weights.
 *
 * @param path a .ckpt file
 * @param expected the class that it must be, such as `Generator`, which is then the type as well
 * @throws RxaugError where the file cannot be read, is damaged, or holds another kind of model, or one that `load` does not
 *  know
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * (await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu', checkpoint: { dir: 'run' } })).dispose();
 * const model = await load('run/last.ckpt');
 * console.log(model instanceof Trained, model.classes); // → true [ 'cat', 'dog' ]
 */
export function load(path: string): Promise<LoadedModel>;
export function load<M extends Trained | GenerativeModel>(
  path: string,
  expected: abstract new (...args: never[]) => M,
): Promise<M>;
export function load(path: string, expected?: abstract new (...args: never[]) => unknown): Promise<unknown> {
  return loadAs(path, kindsFor(expected), expected);
}

const kindsFor = (expected: unknown) => async (task: unknown) => {
  if (task === classifierKind.task && (!expected || expected === classifierKind.result))
    return [classifierKind];
  const { generativeKinds } = await import('../gan/kinds.js');
  return [classifierKind, ...generativeKinds];
};
