/** Stages of the search space that act on batches: mixing, noise in a latent space, images of a GAN. */
import type { OperatorFunction } from 'rxjs';
import { z } from 'zod';
import type { StageJson, StepJson } from '../../augment/index.js';
import type { Batch } from '../../core/index.js';
import { parseOptions } from '../../core/index.js';
import { codecOf } from '../../gan/stages/codec.js';
import { type Generating, ganMix, generatorSha256 } from '../../gan/stages/gan-mix.js';
import type { Coding } from '../../gan/stages/index.js';
import { latentNoise } from '../../gan/stages/latent-noise.js';
import { cutmix, mixup } from '../../stream/batch-stream.js';
import type { Magnitude } from './search-op.js';

/** A stage with a share, the part of the images that it acts on, and, where it has one, a strength. */
export interface BatchStage {
  /** Unique in its space. */
  readonly name: string;
  /** What the strength may be; absent: the stage has a share only. */
  readonly strength?: Magnitude;
  /** SHA-256 of the model that it computes with; such stages take images in [−1, 1]. */
  readonly model?: string;
  /** Between `batch` and training. Strength is ignored where there is none. */
  make(share: number, strength: number): OperatorFunction<Batch, Batch>;
  /** What `policyStages` makes the same operator of. */
  json(share: number, strength: number): StepJson | StageJson;
}

const bounds = (most: number) =>
  z
    .tuple([z.number().min(0).max(most), z.number().min(0).max(most)])
    .refine(([low, high]) => low <= high && high > 0, 'expected low ≤ high and high > 0');

/** A stage that mixes the images of a batch; a batch is mixed with probability `share`. */
function mixing(
  name: 'mixup' | 'cutmix',
  operator: typeof mixup | typeof cutmix,
  given: { readonly alpha?: readonly [number, number] },
): BatchStage {
  const schema = z.strictObject({ alpha: bounds(100).default([0, 1]) });
  const { alpha } = parseOptions(`${name}Stage`, schema, given);
  const options = (p: number, strength: number) => ({ alpha: strength, p });
  return {
    name,
    strength: { low: alpha[0], high: alpha[1], neutral: 0, unit: 'alpha' },
    make: (share, strength) => operator(options(share, strength)),
    json: (share, strength) => ({ op: name, options: options(share, strength) }),
  };
}

/**
 * `mixup` as a stage of the search space: its share is the probability of mixing a batch, its strength α of Beta(α, α).
 *
 * @param given `alpha`: bounds of α, default [0, 1]
 * @throws {UsageError} if the bounds are reversed or out of range
 * @example searchSpace({ batchStages: [mixupStage({ alpha: [0.1, 0.4] })] }).batchStages?.[0]?.name // → 'mixup'
 */
export const mixupStage = (given: { readonly alpha?: readonly [number, number] } = {}): BatchStage =>
  mixing('mixup', mixup, given);

/**
 * `cutmix` as a stage of the search space: its share is the probability of mixing a batch, its strength α of Beta(α, α).
 *
 * @param given `alpha`: bounds of α, default [0, 1]
 * @throws {UsageError} if the bounds are reversed or out of range
 * @example searchSpace({ batchStages: [cutmixStage()] }).batchStages?.[0]?.strength?.unit // → 'alpha'
 */
export const cutmixStage = (given: { readonly alpha?: readonly [number, number] } = {}): BatchStage =>
  mixing('cutmix', cutmix, given);

/**
 * `latentNoise` as a stage of the search space: its strength is σ of the noise. The statistics of the search must be those of
 * the model: images in [−1, 1].
 *
 * @param model a trained autoencoder, or two ONNX models; it belongs to the caller
 * @param given `sigma`: bounds of σ, default [0, 1]
 * @throws {UsageError} for a model that does not encode and decode, and for bounds out of range
 * @example
 * const space = async (coder: Coding) => searchSpace({ batchStages: [await latentNoiseStage(coder, { sigma: [0, 0.5] })] });
 */
export async function latentNoiseStage(
  model: Coding,
  given: { readonly sigma?: readonly [number, number] } = {},
): Promise<BatchStage> {
  const schema = z.strictObject({ sigma: bounds(100).default([0, 1]) });
  const { sigma } = parseOptions('latentNoiseStage', schema, given);
  const sha256 = await codecOf('latentNoiseStage', model).sha256();
  return {
    name: 'latentNoise',
    strength: { low: sigma[0], high: sigma[1], neutral: 0, unit: 'sigma' },
    model: sha256,
    make: (share, strength) => latentNoise(model, { share, sigma: strength }),
    json: (share, strength) => ({ op: 'latentNoise', options: { share, sigma: strength }, model: sha256 }),
  };
}

/**
 * `ganMix` as a stage of the search space: images of a generator in place of a share of each batch. The statistics of the
 * search must be those of the model: images in [−1, 1].
 *
 * @param model a trained class-conditional generator, or an ONNX model; it belongs to the caller
 * @throws {UsageError} for a model that is no such generator
 * @example
 * const space = async (generator: Generating) => searchSpace({ batchStages: [await ganMixStage(generator)] });
 */
export async function ganMixStage(model: Generating): Promise<BatchStage> {
  const sha256 = await generatorSha256(model);
  return {
    name: 'ganMix',
    model: sha256,
    make: (share) => ganMix(model, { share }),
    json: (share) => ({ op: 'ganMix', options: { share }, model: sha256 }),
  };
}
