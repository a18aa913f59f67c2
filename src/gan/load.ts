/** Models from checkpoints: each kind of task says how its model is made again. */
import { RxaugError } from '../core/index.js';
import { type Checkpoint, loadCheckpoint } from '../train/checkpoint.js';
import { registerKernels } from '../train/ops/kernels.js';
import { disposeState } from '../train/tensors.js';

export interface SavedKind<T> {
  /** `identity.task` of its checkpoints. */
  readonly task: string;
  /** With its article: 'an autoencoder'. */
  readonly title: string;
  /** The state becomes the model's. */
  from(checkpoint: Pick<Checkpoint, 'identity' | 'look' | 'state'>): T;
}

/** The model in a checkpoint, one of some kinds; a backend must be loaded. */
export async function loadSaved<T>(file: string, kinds: readonly SavedKind<T>[]): Promise<T> {
  registerKernels();
  const checkpoint = await loadCheckpoint(file);
  const kind = kinds.find(({ task }) => task === checkpoint.identity.task);
  try {
    if (kind) return kind.from(checkpoint);
  } catch (error) {
    disposeState(checkpoint.state);
    throw error;
  }
  disposeState(checkpoint.state);
  const titles = kinds.map(({ title }) => title).join(' or ');
  throw new RxaugError(
    `checkpoint ${file}: holds ${checkpoint.identity.task}, not ${titles}; load it with what trained it`,
  );
}
