/** Models from checkpoints: each kind of task says how its model is made again. */
import { RxaugError } from '../core/index.js';
import { type Checkpoint, loadCheckpoint } from '../train/checkpoint.js';
import { registerKernels } from '../train/ops/kernels.js';
import { disposeState } from '../train/tensors.js';
import type { GenerativeModel } from './trained.js';

export interface SavedKind<T extends GenerativeModel> {
  /** `identity.task` of its checkpoints. */
  readonly task: string;
  /** With its article: 'an autoencoder'. */
  readonly title: string;
  /** The state becomes the model's. */
  from(checkpoint: Pick<Checkpoint, 'identity' | 'look' | 'state'>): T;
}

/** The model in a checkpoint, one of some kinds; a backend must be loaded. */
export async function loadSaved<T extends GenerativeModel>(
  file: string,
  kinds: readonly SavedKind<T>[],
): Promise<T> {
  registerKernels();
  const checkpoint = await loadCheckpoint(file);
  const kind = kinds.find(({ task }) => task === checkpoint.identity.task);
  try {
    if (kind) return whole(kind.from(checkpoint), file);
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

/** A model whose every parameter is in its state, each of its shape, and nothing besides. */
function whole<T extends GenerativeModel>(model: T, file: string): T {
  for (const kind of ['params', 'stats'] as const) {
    const wanted = new Map(model.parts.flatMap((part) => part[kind].map(({ name, shape }) => [name, shape])));
    const held = new Map(Object.entries(model.state[kind]).map(([name, { shape }]) => [name, shape]));
    for (const name of new Set([...wanted.keys(), ...held.keys()])) {
      if (String(wanted.get(name)) === String(held.get(name))) continue;
      const say = (shape?: readonly number[]) => (shape ? `[${shape}]` : 'nothing');
      throw new RxaugError(
        `checkpoint ${file}: has ${say(held.get(name))} for ${name}, not ${say(wanted.get(name))}; it is of another model, or of another version: train it again`,
      );
    }
  }
  return model;
}
