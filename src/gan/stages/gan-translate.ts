import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import {
  type Batch,
  type Draw,
  Draws,
  expected,
  fold,
  parseOptions,
  RxaugError,
  scheduled,
  UsageError,
  valueAt,
} from '../../core/index.js';
import type { OnnxModel } from '../../graph/index.js';
import type { ModelFunctions } from '../functions.js';
import { type Callable, callable } from './callable.js';
import { checkCoded } from './codec.js';
import { putRows, takeRows } from './rows.js';
import { type Staged, stage } from './stage.js';

/** A model with a function `generate` of images, or an ONNX model of images. */
export type Translating = { readonly functions: ModelFunctions } | OnnxModel;

export const ganTranslateOptions = z.strictObject({
  /** Share of the rows to replace; a number or a schedule. */
  share: scheduled(0, 1).default(0.5),
});
/** Options of `ganTranslate`. */
export type GanTranslateOptions = z.input<typeof ganTranslateOptions>;

export const ganTranslateParams = z.strictObject({
  model: z.string(),
  rows: z.array(z.int().min(0)),
  /** One code for each replaced row; empty if the model takes none. */
  codes: z.array(z.array(z.number())),
});
type Params = z.output<typeof ganTranslateParams>;

interface Parts {
  readonly translate: Callable;
  readonly originals: readonly [name: string, sides: readonly number[]];
  readonly code?: readonly [name: string, size: number];
}

/**
 * Replaces a share of the rows of each batch by images that a model makes from them, such as a DAGAN or an ONNX model of
 * images (CycleGAN and the like). Labels do not change. Between `batch` and `train`, for images in [−1, 1].
 *
 * - `share`: of the rows, in [0, 1], a number or a schedule; default 0.5
 *
 * @throws UsageError for an option out of its range; the stream errors where images do not fit the model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' });
 * const augmenter = await fit(images$, { model, backend: 'cpu' });
 * for await (const made of pull(images$.pipe(ganTranslate(augmenter, { share: 1 })))) console.log(made.recipe[0].op); // → ganTranslate
 */
export function ganTranslate(
  model: Translating,
  options: GanTranslateOptions = {},
): MonoTypeOperatorFunction<Batch> {
  const { share } = parseOptions('ganTranslate', ganTranslateOptions, options);
  const parts = partsOf(model);
  return stage('ganTranslate', { share }, async (batch, key): Promise<Staged> => {
    checkCoded('ganTranslate', { image: parts.originals[1] }, batch);
    const chance = valueAt(share, batch.progress);
    const params: Params = { model: await parts.translate.sha256(), rows: [], codes: [] };
    for (let row = 0; row < batch.size; row++) {
      const draws = new Draws(fold(key, row));
      if (!draws.chance(chance)) continue;
      params.rows.push(row);
      params.codes.push(Array.from({ length: parts.code?.[1] ?? 0 }, () => Math.fround(draws.normal())));
    }
    if (params.rows.length === 0) return { batch };
    const originals = takeRows(batch, params.rows);
    const images = await translated(parts, params, originals);
    if (images.length !== originals.length) {
      throw new RxaugError(
        expected(
          'ganTranslate',
          `${originals.length} numbers from its model, as many as its input has`,
          images.length,
          'use a model that keeps the size of images',
        ),
      );
    }
    putRows(batch, params.rows, images);
    return { batch, draw: { op: 'ganTranslate', params } };
  });
}

function partsOf(model: Translating): Parts {
  const found = 'functions' in model ? model.functions.generate : model;
  const translate = found && callable(found);
  const ports = [...(translate?.inputs ?? [])];
  const originals = ports.find(([, sides]) => sides.length === 3);
  const code = ports.find(([, sides]) => sides.length === 1);
  if (!originals || ports.length > (code ? 2 : 1)) {
    const names = ports.map(([name]) => name);
    throw new UsageError(expected('ganTranslate', 'a model of images, or of images and a code', names));
  }
  return { translate, originals, ...(code && { code: [code[0], code[1][0]] as const }) };
}

function translated(
  { translate, originals: [name], code }: Parts,
  { codes }: Params,
  originals: Float32Array,
): Promise<Float32Array> {
  const feeds = { [name]: originals, ...(code && { [code[0]]: Float32Array.from(codes.flat()) }) };
  return translate.call(feeds, codes.length);
}

/**
 * Recreates the images of a draw of `ganTranslate` from the same originals, with the same model.
 *
 * @throws RxaugError for another model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' });
 * const augmenter = await fit(images$, { model, backend: 'cpu' });
 * for await (const { recipe } of pull(images$.pipe(ganTranslate(augmenter, { share: 1 }))))
 *   console.log((await replayGanTranslate(recipe[0], augmenter, new Float32Array(8 * 192))).length); // → 1536
 */
export async function replayGanTranslate(
  draw: Draw,
  model: Translating,
  originals: Float32Array,
): Promise<Float32Array> {
  const params = parseOptions('ganTranslate', ganTranslateParams, draw.params);
  const parts = partsOf(model);
  const own = await parts.translate.sha256();
  if (own !== params.model) {
    throw new RxaugError(
      `ganTranslate: expected the model ${params.model} of the recipe but received ${own}; load that model`,
    );
  }
  return translated(parts, params, originals);
}
