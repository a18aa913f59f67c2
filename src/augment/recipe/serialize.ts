/** The augmentation part of a pipeline as JSON, and back: `{ "rxaug": 2, "transforms": [{ "op", "options" }, …] }`.
 * JSON is data: only registered names are looked up, nothing is evaluated. */
import { z } from 'zod';
import { messageOf, newNameOf, parseOptions, Registry, UsageError, withNewNames } from '../../core/index.js';
import { BATCH_TRANSFORMS, type BoundBatchTransform, mixOneOfTransform } from '../mix/index.js';
import { augMix } from '../policies/aug-mix.js';
import { autoAugment } from '../policies/auto-augment.js';
import { randAugment } from '../policies/rand-augment.js';
import { staged } from '../policies/staged.js';
import { timmAugMix } from '../policies/timm/aug-mix.js';
import { timmAutoAugment } from '../policies/timm/auto-augment.js';
import { timmRandAugment } from '../policies/timm/rand-augment.js';
import { trivialAugment } from '../policies/trivial-augment.js';
import { uniformAugment } from '../policies/uniform-augment.js';
import { oneOf, randomApply, someOf, weightedOneOf } from '../transform/compose.js';
import type { BoundTransform, SampleOperator } from '../transform/define-transform.js';
import { TRANSFORMS, UNKNOWN_NAME_ADVICE } from './catalog.js';

/**
 * The version that `pipelineToJson` writes. Older ones are read, newer ones refused. Version 1 has the names from
 * before 0.2.
 */
export const PIPELINE_VERSION = 2;

const MOST = 256;
const DEEPEST = 8;

/** One transform of a stored pipeline: its name and its options. */
export interface StepJson {
  readonly op: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A stage of batches that computes with a model, which is not in the file: `latentNoise`, `ganMix`. */
export interface StageJson extends StepJson {
  /** SHA-256 of the model. */
  readonly model: string;
  /** Path of the model beside the file that names it; absent where the user brings the model. */
  readonly file?: string;
}

/** A stored pipeline: the version, transforms of samples, stages with models, then transforms of batches. */
export interface PipelineJson {
  readonly rxaug: number;
  readonly transforms: readonly StepJson[];
  /** Stages of batches that compute with models; `policyStages` of rxaug/search applies them. */
  readonly stages?: readonly StageJson[];
  /** Transforms of whole batches. */
  readonly batch?: readonly StepJson[];
}

const step: z.ZodType<StepJson> = z.strictObject({
  op: z.string().max(100),
  options: z.record(z.string(), z.unknown()).optional(),
});
const stage: z.ZodType<StageJson> = z.strictObject({
  op: z.string().max(100),
  options: z.record(z.string(), z.unknown()).optional(),
  model: z
    .string()
    .refine((text) => /^[0-9a-f]{64}$/.test(text), 'expected a SHA-256 of 64 hexadecimal digits'),
  file: z.string().min(1).max(255).optional(),
});
const pipeline = z.strictObject({
  rxaug: z.int().min(1),
  transforms: z.array(step).max(MOST),
  stages: z.array(stage).max(MOST).optional(),
  batch: z.array(step).max(MOST).optional(),
});

/** A transform of a plugin, or of one's own, by the name that stored pipelines use. */
export interface Maker {
  readonly name: string;
  readonly make: (options: Readonly<Record<string, unknown>>, depth: number) => SampleOperator;
}

interface BatchMaker {
  readonly name: string;
  readonly make: (options: Readonly<Record<string, unknown>>, depth: number) => BoundBatchTransform;
}

/**
 * Operators as plain JSON: those over samples first, then stages with models, then those over batches.
 * `pipelineFromJson` gives operators that draw the same.
 *
 * @example pipelineToJson([rotate(30)], [mixup()]).transforms[0]?.op // → 'rotate'
 */
export function pipelineToJson(
  operators: readonly SampleOperator[],
  batch: readonly { readonly transform: BoundBatchTransform }[] = [],
  stages: readonly StageJson[] = [],
): PipelineJson {
  const json = {
    rxaug: PIPELINE_VERSION,
    transforms: operators.map(({ transform }) => stepOf(transform)),
    ...(stages.length > 0 && { stages }),
    ...(batch.length > 0 && { batch: batch.map(({ transform }) => stepOf(transform)) }),
  };
  // Infinity and functions have no JSON: what is returned here must be what can be read back.
  return JSON.parse(JSON.stringify(json)) as PipelineJson;
}

const stepOf = ({ name, options }: Pick<BoundTransform, 'name' | 'options'>): StepJson => ({
  op: name,
  options,
});

/**
 * Reads a pipeline from JSON, or from its text: operators that draw the same as those that were stored. `more` are
 * transforms of plugins. Version 1 is read with its old names and defaults. Stages that need models are given as they
 * are written, to callers that say `stages: 'elsewhere'`: they see to it that these are applied.
 *
 * @throws {UsageError} if it is no pipeline, its version is newer, a transform is unknown, an option is out of range,
 * or it has stages that need models and nobody said that they are applied elsewhere
 * @example pipelineFromJson({ rxaug: 1, transforms: [{ op: 'flip' }] }).transforms[0]?.transform.name // → 'horizontalFlip'
 */
export function pipelineFromJson(
  json: unknown,
  more: readonly Maker[] = [],
  options: { readonly stages?: 'elsewhere' } = {},
): {
  readonly transforms: readonly SampleOperator[];
  readonly stages: readonly StageJson[];
  readonly batch: readonly BoundBatchTransform[];
} {
  const value = typeof json === 'string' ? parsed(json) : json;
  const version = (value as Partial<PipelineJson> | null)?.rxaug;
  if (typeof version === 'number' && version > PIPELINE_VERSION) {
    throw new UsageError(
      `pipeline: expected version ${PIPELINE_VERSION} or older but received ${version}; update rxaug, or save it with an older one`,
    );
  }
  const { transforms, stages = [], batch = [] } = parseOptions('pipeline', pipeline, value);
  if (stages.length > 0 && options.stages !== 'elsewhere') {
    const names = stages.map(({ op }) => op).join(', ');
    throw new UsageError(
      `pipeline: expected no stages that need models but received ${names}; apply them to batches by policyStages of rxaug/search, or take them out`,
    );
  }
  const makers = samplers(more, version === 1);
  return {
    transforms: transforms.map((given) => made(makers, given, 0)),
    stages,
    batch: batch.map((given) => made(BATCHERS, given, 0)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `pipeline: expected JSON but received text that is not (${messageOf(error)}); fix the file`,
    );
  }
}

type Options = Readonly<Record<string, unknown>>;

function made<T>(
  makers: Registry<{ readonly name: string; make(options: Options, depth: number): T }>,
  { op, options = {} }: StepJson,
  depth: number,
): T {
  if (depth > DEEPEST)
    throw new UsageError(
      `pipeline: expected at most ${DEEPEST} levels of choices but received more; flatten it`,
    );
  const name = makers.has(op) ? op : newNameOf(op);
  return makers.get(name).make(options, depth);
}

const list = z.array(step).min(1).max(MOST);

/** Default probabilities of version 1 that differ from the current ones. */
const P_OF_VERSION_1: Readonly<Record<string, number>> = {
  posterize: 1,
  randomScale: 0.5,
  safeRotate: 0.5,
  shiftScaleRotate: 0.5,
};

function samplers(more: readonly Maker[], old: boolean): Registry<Maker> {
  const registry = new Registry<Maker>('transform', [], UNKNOWN_NAME_ADVICE);
  const inner = (of: readonly StepJson[], depth: number) =>
    of.map((given) => made(registry, given, depth + 1));
  const own: Maker[] = [
    {
      name: 'oneOf',
      make: (options, depth) =>
        oneOf(...inner(parseOptions('oneOf', z.strictObject({ of: list }), options).of, depth)),
    },
    {
      name: 'someOf',
      make(options, depth) {
        const { n, of } = parseOptions('someOf', z.strictObject({ n: z.int().min(0), of: list }), options);
        return someOf(n, ...inner(of, depth));
      },
    },
    {
      name: 'weightedOneOf',
      make(options, depth) {
        const schema = z.strictObject({ weights: z.array(z.number()).max(MOST), of: list });
        const { weights, of } = parseOptions('weightedOneOf', schema, options);
        if (weights.length !== of.length)
          throw new UsageError(
            `weightedOneOf: expected as many weights as transforms but received ${weights.length} and ${of.length}; give each transform its odds`,
          );
        const members = inner(of, depth);
        return weightedOneOf(...weights.map((weight, i) => [weight, members[i] as SampleOperator] as const));
      },
    },
    {
      name: 'randomApply',
      make(options, depth) {
        const { p, of } = parseOptions('randomApply', z.strictObject({ p: z.unknown(), of: list }), options);
        return randomApply(p as number, ...inner(of, depth));
      },
    },
    {
      name: 'staged',
      make(options, depth) {
        const stage = z.strictObject({
          from: z.number(),
          op: z.string(),
          options: z.record(z.string(), z.unknown()).optional(),
        });
        const { stages } = parseOptions(
          'staged',
          z.strictObject({ stages: z.array(stage).min(1).max(MOST) }),
          options,
        );
        return staged(
          ...stages.map(({ from, ...given }) => [from, made(registry, given, depth + 1)] as const),
        );
      },
    },
    { name: 'augMix', make: (options) => augMix(options) },
    { name: 'autoAugment', make: (options) => autoAugment(options) },
    { name: 'randAugment', make: (options) => randAugment(options) },
    { name: 'timmAugMix', make: (options) => timmAugMix(options) },
    { name: 'timmAutoAugment', make: (options) => timmAutoAugment(options) },
    { name: 'timmRandAugment', make: (options) => timmRandAugment(options) },
    { name: 'trivialAugment', make: (options) => trivialAugment(options) },
    { name: 'uniformAugment', make: (options) => uniformAugment(options) },
  ];
  const builtIn = TRANSFORMS.map(
    (factory): Maker => ({
      name: factory.spec.name,
      make: (options) => {
        const p = old ? P_OF_VERSION_1[factory.spec.name] : undefined;
        const all = p === undefined ? options : { p, ...options };
        return (factory as unknown as (options: Options) => SampleOperator)(
          withNewNames(factory.spec.name, all),
        );
      },
    }),
  );
  for (const maker of [...own, ...builtIn, ...more]) registry.add(maker);
  return registry;
}

const BATCHERS: Registry<BatchMaker> = new Registry<BatchMaker>('batch transform', [
  ...BATCH_TRANSFORMS.map(
    (transform): BatchMaker => ({
      name: transform.op.name,
      make: (options) =>
        (transform as unknown as (options: Options) => BoundBatchTransform)(
          withNewNames(transform.op.name, options),
        ),
    }),
  ),
  {
    name: 'mixOneOf',
    make(options, depth) {
      const { of } = parseOptions('mixOneOf', z.strictObject({ of: list }), options);
      return mixOneOfTransform(of.map((given) => made(BATCHERS, given, depth + 1)));
    },
  },
]);

/**
 * JSON Schema (draft 2020-12) of a pipeline: the names and options of every built-in transform, for editors and
 * validators.
 *
 * @example Object.keys(pipelineJsonSchema()).includes('$schema') // → true
 */
export function pipelineJsonSchema(): object {
  const steps = TRANSFORMS.map(({ spec }) => ({
    type: 'object',
    properties: {
      op: { const: spec.name },
      options: z.toJSONSchema(spec.options, { io: 'input', unrepresentable: 'any' }),
    },
    required: ['op'],
  }));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: {
      rxaug: { enum: [1, PIPELINE_VERSION] },
      transforms: {
        type: 'array',
        maxItems: MOST,
        items: { anyOf: [...steps, { type: 'object', required: ['op'] }] },
      },
      stages: { type: 'array', maxItems: MOST, items: { type: 'object', required: ['op', 'model'] } },
      batch: { type: 'array', maxItems: MOST },
    },
    required: ['rxaug', 'transforms'],
    additionalProperties: false,
  };
}
