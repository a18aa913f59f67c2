/** Any generative model in a checkpoint, for those who want its functions and not its kind. */
import { savedGan } from './adversarial/train.js';
import { savedAutoencoder } from './autoencoder/train.js';
import { savedDagan } from './dagan/train.js';
import type { ModelFunctions } from './functions.js';
import { loadSaved, type SavedKind } from './load.js';
import { savedSmart } from './smart/train.js';

export interface GenerativeModel {
  readonly functions: ModelFunctions;
  readonly classes: readonly string[];
  dispose(): void;
  [Symbol.dispose](): void;
}

export const savedKinds: readonly SavedKind<GenerativeModel>[] = [
  savedAutoencoder,
  savedGan,
  savedDagan,
  savedSmart,
];

/** A backend must be loaded. */
export function loadGenerative(file: string): Promise<GenerativeModel> {
  return loadSaved(file, savedKinds);
}
