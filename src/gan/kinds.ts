/** The kinds of generative models, for those that read checkpoints. */
import type { ModelKind } from '../train/kind.js';
import { ganKind } from './adversarial/kind.js';
import { autoencoderKind } from './autoencoder/kind.js';
import { daganKind } from './dagan/kind.js';
import { smartKind } from './smart/kind.js';
import type { GenerativeModel } from './trained.js';

export const generativeKinds: readonly ModelKind<unknown, GenerativeModel>[] = [
  autoencoderKind,
  ganKind,
  daganKind,
  smartKind,
];
