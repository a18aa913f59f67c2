/** Any generative model in a checkpoint, for those who want its functions and not its kind. */
import { savedGan } from './adversarial/train.js';
import { savedAutoencoder } from './autoencoder/train.js';
import { savedDagan } from './dagan/train.js';
import { loadSaved, type SavedKind } from './load.js';
import { savedSmart } from './smart/train.js';
import type { GenerativeModel } from './trained.js';

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
