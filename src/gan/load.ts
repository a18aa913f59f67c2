/** Models from checkpoints: each kind of task says how its model is made again. */
import { messageOf, RxaugError } from '../core/index.js';
import { registerKernels } from '../train/ops/kernels.js';
import { type Checkpoint, loadCheckpoint } from '../train/state/checkpoint.js';
import { misfitOf } from '../train/state/shape-mismatch.js';
import { disposeState, type State } from '../train/state/tensors.js';
import type { Part } from './part.js';

export interface SavedKind<T> {
  /** `identity.task` of its checkpoints. */
  readonly task: string;
  /** With its article: 'an autoencoder'. */
  readonly title: string;
  build(saved: Pick<Checkpoint, 'identity' | 'look'>): Saved<T>;
}

/** A model that waits for its weights. */
export interface Saved<T> {
  readonly parts: readonly Part[];
  /** The state becomes the model's. */
  make(state: State): T;
}

/** The model in a checkpoint, one of some kinds; a backend must be loaded. */
export async function loadSaved<T>(file: string, kinds: readonly SavedKind<T>[]): Promise<T> {
  registerKernels();
  const checkpoint = await loadCheckpoint(file);
  const refuse = (why: string) => new RxaugError(`checkpoint ${file}: ${why}`);
  try {
    const kind = kinds.find(({ task }) => task === checkpoint.identity.task);
    if (!kind) {
      const titles = kinds.map(({ title }) => title).join(' or ');
      throw refuse(`holds ${checkpoint.identity.task}, not ${titles}; load it with what trained it`);
    }
    let saved: Saved<T>;
    try {
      saved = kind.build(checkpoint);
    } catch (error) {
      if (error instanceof RxaugError) throw refuse(error.message);
      throw refuse(
        `describes no model that this rxaug knows (${messageOf(error)}); use the rxaug that wrote it`,
      );
    }
    const wrong = misfitOf(saved.parts, checkpoint.state);
    if (wrong) throw refuse(`${wrong}; it is of another model, or of another version of it: train it again`);
    return saved.make(checkpoint.state);
  } catch (error) {
    disposeState(checkpoint.state);
    throw error;
  }
}
