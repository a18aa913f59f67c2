/** Models from checkpoints: each kind of model says how one is made again. */

import { messageOf, RxaugError, show } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { loadBackend } from './backends/load.js';
import type { ModelKind, Restored } from './kind.js';
import { registerKernels } from './ops/kernels.js';
import { type Checkpoint, loadCheckpoint } from './state/checkpoint.js';
import { modelMismatch } from './state/shape-mismatch.js';
import { disposeState } from './state/tensors.js';

type Kinds = readonly ModelKind<unknown, unknown>[];

/** The kinds that a checkpoint may hold, given the task that it names. */
export type KindsFor = (task: unknown) => Kinds | Promise<Kinds>;

/**
 * The model in a checkpoint. A backend is loaded where none is yet.
 *
 * @param wanted its class, where only one will do
 */
export async function loadAs<Result>(
  file: string,
  kindsFor: KindsFor,
  wanted?: ModelKind<unknown, Result>['result'],
): Promise<Result> {
  if (!tf.getBackend()) await loadBackend();
  registerKernels();
  const checkpoint = await loadCheckpoint(file);
  try {
    return restored(checkpoint, await kindsFor(checkpoint.identity.task), wanted) as Result;
  } catch (error) {
    disposeState(checkpoint.state);
    throw error;
  }
}

function restored(
  { path: file, identity, look, state }: Checkpoint,
  kinds: Kinds,
  wanted?: ModelKind<unknown, unknown>['result'],
): unknown {
  const refuse = (why: string) => new RxaugError(`checkpoint ${file}: ${why}`);
  const kind = kinds.find(({ task }) => task === identity.task);
  const asked = kinds.find(({ result }) => result === wanted);
  if (!kind) {
    const known = asked?.title ?? kinds.map(({ title }) => title).join(', ');
    throw refuse(
      `holds ${show(identity.task)}, not ${known}; load it with what trained it, or read its tensors with loadCheckpoint()`,
    );
  }
  if (wanted && kind !== asked) {
    throw refuse(`holds ${kind.title}, not ${asked?.title ?? wanted.name}; leave out the class to load it`);
  }
  let made: Restored<unknown>;
  try {
    made = kind.restore({ identity, look });
  } catch (error) {
    if (error instanceof RxaugError) throw refuse(error.message);
    throw refuse(
      `describes no model that this rxaug knows (${messageOf(error)}); use the rxaug that wrote it`,
    );
  }
  const wrong = modelMismatch(made.parts, state);
  if (wrong) throw refuse(`${wrong}; it is of another model, or of another version of it: train it again`);
  return made.make(state);
}
