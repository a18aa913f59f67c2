import type { ModelKind } from '../train/kind.js';
import { ganKind } from './adversarial/kind.js';
import { autoencoderKind } from './autoencoder/kind.js';
import { daganKind } from './dagan/kind.js';
import { smartKind } from './smart/kind.js';
import type { GenerativeModel } from './trained.js';

/** The kinds of generative models, by which checkpoints are loaded. */
export const generativeKinds: readonly ModelKind<unknown, GenerativeModel>[] = [
  autoencoderKind,
  ganKind,
  daganKind,
  smartKind,
];
