import type { MonoTypeOperatorFunction } from 'rxjs';
import { z } from 'zod';
import {
  type Batch,
  type Draw,
  Draws,
  expected,
  fold,
  neverAdvances,
  parseOptions,
  RxaugError,
  scheduled,
  UsageError,
  valueAt,
} from '../../core/index.js';
import type { OnnxModel } from '../../graph/index.js';
import type { ModelFunctions } from '../functions.js';
import { BufferPool } from './buffer-pool.js';
import { type Callable, callable, classesOf, oneHot } from './callable.js';
import { checkCoded } from './codec.js';
import { drawLabels, drawnLabels, labelRows, madeFilter, madeLabels } from './generated-images.js';
import { type ModelNumbers, namesFor, toModel } from './model-numbers.js';
import { packed, putRows, relabeled } from './rows.js';
import { type Staged, stage } from './stage.js';

/** A trained generator, or an ONNX model whose inputs are a code and `classes` [batch, K]. */
export type Generating =
  | { readonly functions: ModelFunctions; readonly classes?: readonly string[] }
  | OnnxModel;

export const ganMixOptions = z.strictObject({
  /** Share of the rows to replace; a number or a schedule. */
  share: scheduled(0, 1).default(0.25),
  /** 'keep': the class of the replaced row; 'uniform'; or a weight for each class of the data. */
  classBalance: z.union([z.enum(['keep', 'uniform']), z.array(z.number().min(0)).min(1)]).default('keep'),
  /** The range of progress in [0, 1] in which rows are replaced. */
  when: z
    .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .refine(([start, end]) => start < end, 'expected start < end')
    .default([0, 1]),
  filter: madeFilter.optional(),
  /** Labels of the generated rows; the others keep theirs. */
  labels: madeLabels.default('hard'),
  /** Class names of the generator, in the order of its numbers, for an ONNX file that has none. */
  classes: z.array(z.string()).min(1).optional(),
});
/** Options of `ganMix`. */
export type GanMixOptions = z.input<typeof ganMixOptions>;

export const ganMixParams = z.strictObject({
  model: z.string(),
  rows: z.array(z.int().min(0)),
  /** By the numbers of the batch. */
  classes: z.array(z.int().min(0)),
  /** The generator's number for each class of the batch, if they differ. */
  order: z.array(z.int().min(0)).optional(),
  codes: z.array(z.array(z.number())),
  labels: drawnLabels.default('hard'),
});
type Params = z.output<typeof ganMixParams>;

interface Parts {
  readonly generate: Callable;
  readonly code: readonly [name: string, size: number];
  /** K, the number of classes. */
  readonly count: number;
}

/**
 * Replaces a share of the rows of each batch by images of a class-conditional generator. Between `batch` and `train`, for
 * images in [−1, 1]. The generator must have the classes of the data, by name and in any order. The recipe of a batch
 * holds codes, classes, labels and the hash of the model.
 *
 * - `share`: of the rows, in [0, 1], a number or a schedule; default 0.25
 * - `classBalance`: 'keep' (default; the class of the replaced row), 'uniform', or a weight for each class
 * - `when`: the range of progress in which rows are replaced, default [0, 1]
 * - `filter`: which images are used: `confidenceFilter`, `criticFilter`, or a function
 * - `labels`: 'hard' (default), `{ smoothing }` (Szegedy et al., 2016), or a function such as `classifierLabels(classifier)`
 * - `classes`: class names of the generator, for an ONNX file that has none
 *
 * @param model a trained `Generator`, or an ONNX model of a code and classes
 * @throws UsageError for an option out of its range; the stream errors where classes or images do not fit
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * for await (const made of pull(images$.pipe(ganMix(generator, { share: 1 })))) console.log(made.recipe[0].op); // → ganMix
 */
export function ganMix(model: Generating, options: GanMixOptions = {}): MonoTypeOperatorFunction<Batch> {
  const {
    share: shareOfBatch,
    classBalance,
    when,
    filter,
    labels,
    classes: given,
  } = parseOptions('ganMix', ganMixOptions, options);
  const parts = partsOf(model);
  const own = 'functions' in model ? model.classes : classesOf(model);
  const classes = namesFor('ganMix', parts.count, given, own);
  if (Array.isArray(classBalance) && (classBalance.length !== parts.count || !classBalance.some(Boolean))) {
    throw new UsageError(expected('ganMix: classBalance', `${parts.count} weights, not all 0`, classBalance));
  }
  const pool = new BufferPool();
  const windowed = when[0] > 0 || when[1] < 1;
  return stage('ganMix', { share: shareOfBatch, labels }, async (batch, key): Promise<Staged> => {
    if (windowed && batch.origin.epochs === Number.POSITIVE_INFINITY)
      throw new UsageError(neverAdvances('ganMix: when'));
    const { height, width, channels, size, progress } = batch;
    const image = parts.generate.output ?? [height, width, channels];
    const order = checkCoded('ganMix', { image, classes }, batch);
    const names = batch.origin.classes;
    if (progress < when[0] || progress > when[1]) return { batch };
    const share = valueAt(shareOfBatch, progress);
    const drawn = { rows: [] as number[], classes: [] as number[], codes: [] as number[][] };
    for (let row = 0; row < size; row++) {
      const draws = new Draws(fold(key, row));
      if (!draws.chance(share)) continue;
      drawn.rows.push(row);
      drawn.classes.push(classFor(draws, classBalance, batch.labels[row], parts.count));
      drawn.codes.push(codeOf(draws, parts.code[1]));
    }
    if (drawn.rows.length === 0) return { batch };
    const stride = height * width * channels;
    return pool.lend(drawn.rows.length * stride, async (room) => {
      const images = await generated(parts, { ...drawn, order }, room);
      if (images.length !== drawn.rows.length * stride) {
        throw new RxaugError(
          expected(
            'ganMix',
            `images of ${height}×${width}×${channels} from its generator`,
            images.length / drawn.rows.length,
          ),
        );
      }
      const { classes: asked } = drawn;
      const shapeOf = (n: number) => [n, height, width, channels] as const;
      const good = await filter?.({ images, shape: shapeOf(asked.length), classes: asked, names });
      if (good && good.length !== asked.length) {
        const what = `one answer for each of ${asked.length} images`;
        throw new RxaugError(expected('ganMix: filter', what, good.length, 'return [n] of true or false'));
      }
      const kept = asked.map((_, i) => i).filter((i) => !good || good[i]);
      if (kept.length === 0) return { batch };
      const pick = <T>(list: readonly T[]) => kept.map((i) => list[i]);
      const taken = kept.length === asked.length ? images : someOf(images, kept, stride);
      const made = { images: taken, shape: shapeOf(kept.length), classes: pick(asked), names };
      const params: Params = {
        model: await parts.generate.sha256(),
        rows: pick(drawn.rows),
        classes: made.classes,
        ...(order && { order: [...order] }),
        codes: pick(drawn.codes),
        labels: await drawLabels(labels, made, { count: parts.count, progress }),
      };
      putRows(batch, params.rows, taken);
      const soft = params.labels === 'hard' ? undefined : labelRows(params.labels, made.classes, parts.count);
      return { batch: relabeled(batch, params.rows, made.classes, soft), draw: { op: 'ganMix', params } };
    });
  });
}

/** By which recipes and policies refer to a generator. */
export const generatorSha256 = (model: Generating): Promise<string> => partsOf(model).generate.sha256();

function partsOf(model: Generating): Parts {
  const found = 'functions' in model ? model.functions.generate : model;
  const generate = found && callable(found);
  const code = [...(generate?.inputs ?? [])].find(
    ([name, shape]) => name !== 'classes' && shape.length === 1,
  );
  const classes = generate?.inputs.get('classes');
  if (!code || !classes || generate.inputs.size !== 2) {
    throw new UsageError(
      expected(
        'ganMix',
        'a generator of a code and classes',
        [...(generate?.inputs.keys() ?? [])],
        'use a class-conditional one, whose classes come in one-hot as `classes`',
      ),
    );
  }
  return { generate, code: [code[0], code[1][0]], count: classes[0] };
}

function someOf(images: Float32Array, which: readonly number[], stride: number): Float32Array {
  const some = new Float32Array(which.length * stride);
  for (const [n, i] of which.entries()) some.set(images.subarray(i * stride, (i + 1) * stride), n * stride);
  return some;
}

function codeOf(draws: Draws, length: number): number[] {
  const code: number[] = [];
  for (let i = 0; i < length; i++) code.push(Math.fround(draws.normal()));
  return code;
}

function classFor(
  draws: Draws,
  balance: 'keep' | 'uniform' | readonly number[],
  own: number,
  count: number,
): number {
  if (balance === 'keep') return own;
  if (balance === 'uniform') return draws.int(count);
  let left = draws.uniform(
    0,
    balance.reduce((sum, weight) => sum + weight, 0),
  );
  const at = balance.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return at < 0 ? balance.findLastIndex((weight) => weight > 0) : at;
}

function generated(
  { generate, code: [name], count }: Parts,
  { codes, classes, order }: Pick<Params, 'codes' | 'classes'> & { readonly order?: ModelNumbers },
  room?: Float32Array,
): Promise<Float32Array> {
  return generate.call(
    { [name]: packed(codes), classes: oneHot(toModel(order, classes), count) },
    codes.length,
    room,
  );
}

/**
 * Recreates the images of a draw of `ganMix`, [n, H, W, C] in [−1, 1], with the same model.
 *
 * @throws RxaugError for another model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * for await (const { recipe } of pull(images$.pipe(ganMix(generator, { share: 1 })))) console.log((await replayGanMix(recipe[0], generator)).length); // → 1536
 */
export async function replayGanMix(draw: Draw, model: Generating): Promise<Float32Array> {
  const params = parseOptions('ganMix', ganMixParams, draw.params);
  const parts = partsOf(model);
  const own = await parts.generate.sha256();
  if (own !== params.model) {
    throw new RxaugError(
      `ganMix: expected the model ${params.model} of the recipe but received ${own}; load that model`,
    );
  }
  return generated(parts, params);
}

/**
 * Recreates the labels of a draw of `ganMix`, [n, K], hard ones as one-hot. No model is needed.
 *
 * @param count K, the number of classes of the data
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * for await (const { recipe } of pull(images$.pipe(ganMix(generator, { share: 1 })))) console.log(replayGanMixLabels(recipe[0], 2).length); // → 16
 */
export function replayGanMixLabels(draw: Draw, count: number): Float32Array {
  const { labels, classes } = parseOptions('ganMix', ganMixParams, draw.params);
  return labelRows(labels, classes, count);
}
