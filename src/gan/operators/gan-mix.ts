/**
 * Synthetic samples: a share of the rows of a batch gives way to images of a class-conditional generator,
 * `ganMix(generator, { ratio: 0.25 })`. The recipe holds latent codes, classes and the model's hash.
 */
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
import { type Callable, callable, classesOf, oneHot } from './callable.js';
import { checkCoded } from './codec.js';
import { putRows, relabelled } from './rows.js';
import { type Staged, stage } from './stage.js';

/** A generator that was trained here, or an ONNX model with a code and `classes` [batch, K] for inputs. */
export type Generating =
  | { readonly functions: ModelFunctions; readonly classes?: readonly string[] }
  | OnnxModel;

/** Images that were made, [n, H, W, C] in [−1, 1]. */
export interface MadeImages {
  readonly images: Float32Array;
  readonly shape: readonly [number, number, number, number];
  readonly classes: readonly number[];
}

/** Which of them are good enough; the rows of the others stay as they were. */
export type MadeFilter = (made: MadeImages) => ArrayLike<boolean> | Promise<ArrayLike<boolean>>;

export const ganMixOptions = z.strictObject({
  /** Of the rows; a number or a schedule. */
  ratio: scheduled(0, 1).default(0.25),
  /** 'keep': of the class of the row that gives way; 'uniform'; or a weight for each class. */
  classBalance: z.union([z.enum(['keep', 'uniform']), z.array(z.number().min(0)).min(1)]).default('keep'),
  /** The part of training, of progress in [0, 1], in which it is done. */
  when: z
    .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .refine(([start, end]) => start < end, 'expected start < end')
    .default([0, 1]),
  filter: z.custom<MadeFilter>((value) => typeof value === 'function', 'expected a function').optional(),
});
export type GanMixOptions = z.input<typeof ganMixOptions>;

export const ganMixParams = z.strictObject({
  model: z.string(),
  rows: z.array(z.int().min(0)),
  classes: z.array(z.int().min(0)),
  codes: z.array(z.array(z.number())),
});
type Params = z.output<typeof ganMixParams>;

interface Parts {
  readonly generate: Callable;
  readonly code: readonly [name: string, size: number];
  /** K */
  readonly count: number;
}

export function ganMix(model: Generating, options: GanMixOptions = {}): MonoTypeOperatorFunction<Batch> {
  const { ratio, classBalance, when, filter } = parseOptions('ganMix', ganMixOptions, options);
  const parts = partsOf(model);
  if (Array.isArray(classBalance) && (classBalance.length !== parts.count || !classBalance.some(Boolean))) {
    throw new UsageError(expected('ganMix: classBalance', `${parts.count} weights, not all 0`, classBalance));
  }
  return stage('ganMix', async (batch, key): Promise<Staged> => {
    const { height, width, channels, size, progress } = batch;
    const classes = 'functions' in model ? model.classes : classesOf(model);
    checkCoded('ganMix', { image: parts.generate.output ?? [height, width, channels], classes }, batch);
    if (batch.origin.classes.length !== parts.count) {
      throw new RxaugError(
        expected('ganMix', `the ${parts.count} classes of its generator`, batch.origin.classes),
      );
    }
    if (progress < when[0] || progress > when[1]) return { batch };
    const share = valueAt(ratio, progress);
    const params: Params = { model: await parts.generate.sha256(), rows: [], classes: [], codes: [] };
    for (let row = 0; row < size; row++) {
      const draws = new Draws(fold(key, row));
      if (!draws.chance(share)) continue;
      params.rows.push(row);
      params.classes.push(classFor(draws, classBalance, batch.labels[row], parts.count));
      params.codes.push(Array.from({ length: parts.code[1] }, () => Math.fround(draws.normal())));
    }
    if (params.rows.length === 0) return { batch };
    const images = await generated(parts, params);
    const stride = height * width * channels;
    if (images.length !== params.rows.length * stride) {
      throw new RxaugError(
        expected(
          'ganMix',
          `images of ${height}×${width}×${channels} from its generator`,
          images.length / params.rows.length,
        ),
      );
    }
    const made = {
      images,
      shape: [params.rows.length, height, width, channels],
      classes: params.classes,
    } as const;
    const good = filter ? await filter(made) : undefined;
    const kept = params.rows.map((_, i) => i).filter((i) => good?.[i] ?? true);
    if (kept.length === 0) return { batch };
    const pick = <T>(list: readonly T[]) => kept.map((i) => list[i]);
    const rows = pick(params.rows);
    for (const i of kept) putRows(batch, [params.rows[i]], images.subarray(i * stride, (i + 1) * stride));
    const drawn = { ...params, rows, classes: pick(params.classes), codes: pick(params.codes) };
    return { batch: relabelled(batch, rows, drawn.classes), draw: { op: 'ganMix', params: drawn } };
  });
}

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
  { codes, classes }: Params,
): Promise<Float32Array> {
  return generate.call(
    { [name]: Float32Array.from(codes.flat()), classes: oneHot(classes, count) },
    codes.length,
  );
}

/** The images of a draw again, [n, H, W, C] in [−1, 1], by the model that it names. */
export async function replayGanMix(draw: Draw, model: Generating): Promise<Float32Array> {
  const params = parseOptions('ganMix', ganMixParams, draw.params);
  const parts = partsOf(model);
  const own = await parts.generate.sha256();
  if (own !== params.model) {
    throw new RxaugError(
      `ganMix: the recipe wants the model ${params.model} but this is ${own}; load that one`,
    );
  }
  return generated(parts, params);
}
