import { messageOf, RxaugError, show } from '../core/index.js';
import { ensureBackend } from './backends/load.js';
import type { ModelKind, Restored } from './kind.js';
import { type Checkpoint, loadCheckpoint } from './state/checkpoint.js';
import { modelMismatch } from './state/shape-mismatch.js';
import { disposeState } from './state/tensors.js';

type Kinds = readonly ModelKind<unknown, unknown>[];

/** The kinds that a checkpoint may hold, by the task it names. */
export type KindsFor = (task: unknown) => Kinds | Promise<Kinds>;

/**
 * Loads the model of a checkpoint, and a backend if there is none yet.
 *
 * @param type the class that is required, if any
 */
export async function loadAs<Result>(
  file: string,
  kindsFor: KindsFor,
  type?: ModelKind<unknown, Result>['result'],
): Promise<Result> {
  await ensureBackend();
  const checkpoint = await loadCheckpoint(file);
  try {
    return restored(checkpoint, await kindsFor(checkpoint.identity.task), type) as Result;
  } catch (error) {
    disposeState(checkpoint.state);
    throw error;
  }
}

function restored(
  { path: file, identity, look, preprocessing, state }: Checkpoint,
  kinds: Kinds,
  type?: ModelKind<unknown, unknown>['result'],
): unknown {
  const refuse = (why: string) => new RxaugError(`checkpoint ${file}: ${why}`);
  const kind = kinds.find(({ task }) => task === identity.task);
  const asked = kinds.find(({ result }) => result === type);
  if (!kind) {
    const known = asked?.title ?? kinds.map(({ title }) => title).join(', ');
    throw refuse(
      `holds ${show(identity.task)}, not ${known}; load it with what trained it, or read its tensors with loadCheckpoint()`,
    );
  }
  if (type && kind !== asked) {
    throw refuse(`holds ${kind.title}, not ${asked?.title ?? type.name}; leave out the class to load it`);
  }
  let made: Restored<unknown>;
  try {
    made = kind.restore({ identity, look, preprocessing });
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
