import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import {
  type Batch,
  type Draw,
  Draws,
  expected,
  fold,
  matchClasses,
  parseOptions,
  RxaugError,
  scheduled,
  UsageError,
  valueAt,
} from '../../core/index.js';
import { derive } from '../../stream/mix/mixing.js';
import { codesByClass, type LatentBank } from './bank.js';
import { type Codec, type Coding, checkCoded, codecOf } from './codec.js';
import { toModel } from './model-numbers.js';
import { MODES, perturb } from './perturb.js';
import { packed, putRows, takeRows } from './rows.js';
import { type Staged, stage } from './stage.js';

export const latentNoiseOptions = z.strictObject({
  mode: z.enum(MODES).default('noise'),
  /** γ of 'noise' and 'resample'; a number or a schedule. */
  sigma: scheduled(0, 100).default(0.5),
  /** λ of the other modes; a number or a schedule. */
  lambda: scheduled(0, 100).default(0.5),
  /** Share of the rows to perturb; a number or a schedule. */
  share: scheduled(0, 1).default(0.5),
  /** 'images' decodes; 'features' makes batches of codes [B, 1, 1, L], for an mlp. */
  as: z.enum(['images', 'features']).default('images'),
  /** How many neighbors are candidates; below 1, a share of the class. */
  neighbors: z.union([z.int().min(1), z.number().positive().lt(1)]).default(10),
  /** The point that extrapolation moves away from. */
  from: z.enum(['neighbor', 'mean']).default('neighbor'),
  bank: z
    .custom<LatentBank>(
      (value) => (value as LatentBank | undefined)?.byClass instanceof Map,
      'expected a latentBank',
    )
    .optional(),
});
/** Options of `latentNoise`. */
export type LatentNoiseOptions = z.input<typeof latentNoiseOptions>;

/** Plain JSON, from which the model makes the same images again. */
export const latentNoiseParams = z.strictObject({
  /** SHA-256 of the decoder, and of the bank. */
  model: z.string(),
  bank: z.string().optional(),
  mode: z.enum(MODES),
  rows: z.array(z.int().min(0)),
  /** By the numbers of the batch. */
  classes: z.array(z.int().min(0)),
  /** The model's number for each class of the batch, if they differ. */
  order: z.array(z.int().min(0)).optional(),
  /** One code for each of the rows. */
  codes: z.array(z.array(z.number())),
});
type Params = z.output<typeof latentNoiseParams>;

/**
 * Noise in feature space: images are encoded, their codes c perturbed within their class, and decoded. Between `batch` and
 * `train`, for images in [−1, 1].
 *
 * - `mode`: 'noise' (default): c + γ·X·σ; 'interpolate': c + λ·(y − c); 'extrapolate': c + λ·(c − y); 'linearPolate':
 *   c + λ·(y₁ − y₂); 'resample': c + γ·X·σ of the class (DeVries and Taylor, 2017; MODALS, Cheung and Yeung, 2021)
 * - `sigma` (γ), `lambda` (λ): in [0, 100], numbers or schedules; default 0.5
 * - `share`: of the rows, in [0, 1]; default 0.5
 * - `as`: 'images' (default), or 'features': batches of codes [B, 1, 1, L]
 * - `neighbors`: how many neighbors are candidates, or a share of the class if below 1; default 10
 * - `bank`: codes of the whole data set (`latentBank`); without it partners come from the batch
 *
 * @throws UsageError for an option out of its range; the stream errors where images do not fit the model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * for await (const made of pull(images$.pipe(latentNoise(coder, { share: 1 })))) console.log(made.recipe[0].op); // → latentNoise
 */
export function latentNoise(
  model: Coding,
  options: LatentNoiseOptions = {},
): MonoTypeOperatorFunction<Batch> {
  const parsed = parseOptions('latentNoise', latentNoiseOptions, options);
  const codec = codecOf('latentNoise', model);
  const { mode, neighbors, from, bank, as } = parsed;
  if (bank) checkBank(bank, codec.latent, mode);

  const { share: _share, sigma, lambda } = parsed;
  return stage('latentNoise', { share: _share, sigma, lambda }, async (batch, key): Promise<Staged> => {
    const order = checkCoded('latentNoise', codec, batch);
    if (bank) await checkEncoder(bank, codec);
    const names = batch.origin.classes;
    const inBank = bank?.classes && matchClasses(names, bank.classes);
    const { latent } = codec;
    const share = valueAt(parsed.share, batch.progress);
    const all = Array.from({ length: batch.size }, (_, i) => i);
    const draws = all.map((row) => new Draws(fold(key, row)));
    const chosen = all.filter((row) => draws[row].chance(share));
    const encoded = as === 'features' || !bank ? all : chosen;
    if (chosen.length === 0 && as === 'images') return { batch };
    const flat = await codec.encode(takeRows(batch, encoded), encoded.length);
    const codeOf = new Map(encoded.map((row, i) => [row, flat.subarray(i * latent, (i + 1) * latent)]));
    const index = (row: number) => batch.samples[row].index;
    const near =
      bank ??
      codesByClass(
        all.map((row) => [batch.labels[row], index(row), codeOf.get(row) as Float32Array] as const),
      );
    const perturbation = {
      mode,
      neighbors,
      from,
      sigma: valueAt(parsed.sigma, batch.progress),
      lambda: valueAt(parsed.lambda, batch.progress),
    };
    const params: Params = {
      model: await codec.sha256(),
      ...(bank && { bank: bank.sha256 }),
      mode,
      rows: [],
      classes: [],
      ...(order && { order: [...order] }),
      codes: [],
    };
    for (const row of chosen) {
      const code = codeOf.get(row) as Float32Array;
      const label = inBank ? inBank.numbers[batch.labels[row]] : batch.labels[row];
      const made = perturb(code, index(row), label, near, draws[row], perturbation);
      // In a batch without a bank a row may be the only one of its class; a bank must have every class.
      if (!made && bank) {
        const known = [...bank.byClass.keys()].map((known) => (bank.classes ?? names)[known]);
        const which = `a bank with codes of the class ${names[batch.labels[row]]}`;
        throw new RxaugError(expected('latentNoise', which, known, 'make the bank from all classes'));
      }
      if (!made) continue;
      params.rows.push(row);
      params.classes.push(batch.labels[row]);
      params.codes.push([...made]);
      codeOf.set(row, made);
    }
    const draw = params.rows.length > 0 ? { op: 'latentNoise', params } : undefined;
    if (as === 'features') {
      const images = new Float32Array(batch.size * latent);
      for (const row of all) images.set(codeOf.get(row) as Float32Array, row * latent);
      return { batch: derive(batch, { images, height: 1, width: 1, channels: latent, layout: 'HWC' }), draw };
    }
    if (draw) putRows(batch, params.rows, await decoded(codec, params));
    return { batch, draw };
  });
}

function checkBank(bank: LatentBank, latent: number, mode: Params['mode']): void {
  if (bank.sigma.length !== latent) {
    throw new UsageError(
      expected(
        'latentNoise: bank',
        `codes of ${latent} numbers`,
        bank.sigma.length,
        'make the bank with this model',
      ),
    );
  }
  const total = [...bank.byClass.values()].reduce((sum, { codes }) => sum + codes.length, 0);
  if (total < 2) {
    throw new UsageError(
      expected('latentNoise: bank', 'at least 2 codes', total, 'make the bank from more images'),
    );
  }
  const partners = mode === 'linearPolate' ? 2 : mode === 'noise' ? 0 : 1;
  for (const [label, { codes }] of bank.byClass) {
    if (codes.length > partners) continue; // one of them may be the image itself
    throw new UsageError(
      expected(
        'latentNoise: bank',
        `at least ${partners + 1} codes of each class for mode '${mode}'`,
        `${codes.length} of class ${bank.classes?.[label] ?? label}`,
        "make the bank from more images, or use mode: 'noise'",
      ),
    );
  }
}

async function checkEncoder({ encoder }: LatentBank, codec: Codec): Promise<void> {
  const own = await codec.encoderSha256();
  if (encoder === own) return;
  throw new UsageError(
    `latentNoise: bank: expected codes of the encoder ${own} but received those of ${encoder}; make the bank with this model`,
  );
}

function decoded(codec: Codec, { codes, classes, order }: Params): Promise<Float32Array> {
  return codec.decode(packed(codes), toModel(order, classes));
}

/**
 * Recreates the images of a draw of `latentNoise`, [n, H, W, C] in [−1, 1], with the same model.
 *
 * @throws RxaugError for another model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * for await (const { recipe } of pull(images$.pipe(latentNoise(coder, { share: 1 }))))
 *   console.log((await replayLatentNoise(recipe[0], coder)).length); // → 1536
 */
export async function replayLatentNoise(draw: Draw, model: Coding): Promise<Float32Array> {
  const params = parseOptions('latentNoise', latentNoiseParams, draw.params);
  const codec = codecOf('latentNoise', model);
  const own = await codec.sha256();
  if (own !== params.model) {
    throw new RxaugError(
      `latentNoise: expected the model ${params.model} of the recipe but received ${own}; load that model`,
    );
  }
  return decoded(codec, params);
}
