/** What a pipeline script asks of `rxaug prepare`, checked and with its defaults. */
import { z } from 'zod';
import { pipelineToJson, type SampleOperator } from '../augment/index.js';
import { nearest, parseOptions, show, UsageError } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';
import { formatNamed } from '../io/write/formats.js';
import type { OutputFormat } from '../io/write/output.js';
import { type BalanceOptions, balanceSchema } from './balance.js';
import { type Filter, inOrder } from './filters.js';
import type { GeneratedCopies, GenerateRules } from './generate/rules.js';

/** What `prepare` of a pipeline returns: where the images come from, and what is made of them. */
export interface PrepareDefinition {
  /** A data set with random access whose images are files, or lie in files. */
  readonly source: OpenedDataset | Promise<OpenedDataset>;
  /** Images that none of them refuses are kept; those by a model are asked last. See `filters`. */
  readonly filters?: readonly Filter[];
  /** Shares of the splits by name, which sum to 1. Default `{ train: 1 }`. */
  readonly split?: Readonly<Record<string, number>>;
  /** Images with the same text are relatives (frames of one video): they stay in one split. */
  readonly group?: (item: { readonly id: string; readonly label: unknown }) => string | undefined;
  /**
   * Near-duplicates: `group` keeps them in one split (default), `drop` keeps one of each group, `ignore` does not look
   * for them. Files of equal bytes are always near-duplicates, except for `ignore`.
   */
  readonly nearDuplicates?: 'group' | 'drop' | 'ignore';
  /**
   * True: the shares hold for each class to within one group of relatives. Default false: they hold as coin tosses do, and
   * images that are added later move none of the earlier ones.
   */
  readonly stratified?: boolean;
  /** Brings the classes of the augmented splits to `to` images ('largest', or a number), or by `factors`. Default: none. */
  readonly balance?: BalanceRule;
  /** Samples made of each image of the augmented splits, before balancing. Default 1. */
  readonly copies?: number;
  /** Transforms of samples, drawn anew for each copy. */
  readonly augment?: readonly SampleOperator[];
  /** Copies that a generative model makes in place of transforms: `generatedCopies`. Default: none. */
  readonly generate?: GeneratedCopies;
  /** Splits that are augmented and balanced. Default `['train']`. */
  readonly augmented?: readonly string[];
  /** The first copy of each image is not augmented. Default true. */
  readonly keepOriginal?: boolean;
  /** Side in pixels, or [height, width]. Default: sizes stay. */
  readonly size?: number | readonly [number, number];
  /**
   * How an image gets to its size: `cover` scales until the size is covered and crops the middle, `within` shrinks the longer
   * side where it is longer, `exact` stretches. Default `cover`.
   */
  readonly fit?: 'cover' | 'within' | 'exact';
  /** How images are written whose pixels changed. Default JPEG of quality 95. */
  readonly encode?: { readonly format?: 'jpeg' | 'png' | 'webp'; readonly quality?: number };
  /** Name of the layout of the output. Default 'webdataset'. */
  readonly format?: string;
  /** Samples of a shard. Default 1000. */
  readonly shardSize?: number;
  /** Samples are written in a keyed order. Default true. */
  readonly shuffle?: boolean;
}

/** `to`, `factors`, `most`: see `balanceCopies`. */
export type BalanceRule = Omit<BalanceOptions, 'seed'>;

const share = z.number().gt(0).max(1);

const splitName = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,31}$/, 'expected a name of a letter and at most 31 more letters, digits, _ or -');

const side = z.int().min(1).max(16_384);

const schema = z.strictObject({
  split: z.record(splitName, share).default({ train: 1 }),
  stratified: z.boolean().default(false),
  balance: balanceSchema.omit({ seed: true }).prefault({}),
  nearDuplicates: z.enum(['group', 'drop', 'ignore']).default('group'),
  copies: z.int().min(1).max(10_000).default(1),
  augmented: z.array(z.string()).default(['train']),
  keepOriginal: z.boolean().default(true),
  size: z.union([side, z.tuple([side, side])], 'expected pixels in 1..16384, or [height, width]').optional(),
  fit: z.enum(['cover', 'within', 'exact']).default('cover'),
  encode: z
    .strictObject({
      format: z.enum(['jpeg', 'png', 'webp']).default('jpeg'),
      quality: z.int().min(1).max(100).optional(),
    })
    .prefault({}),
  shardSize: z.int().min(1).max(10_000_000).default(1000),
  shuffle: z.boolean().default(true),
});

const FIELDS = [
  ...[
    'source',
    'filters',
    'split',
    'stratified',
    'group',
    'nearDuplicates',
    'balance',
    'copies',
    'augment',
    'generate',
    'augmented',
  ],
  ...['keepOriginal', 'size', 'fit', 'encode', 'format', 'shardSize', 'shuffle'],
];

/** A definition with its defaults; `rules` is its part that decides bytes and is plain JSON. */
export interface Prepared {
  /** In the order in which they are asked. */
  readonly filters: readonly Filter[];
  readonly group?: PrepareDefinition['group'];
  readonly augment: readonly SampleOperator[];
  readonly generate?: GeneratedCopies;
  readonly format: OutputFormat;
  readonly rules: Rules;
}

/** What decides the bytes of the output, besides the images and the seed; part of the plan. */
export type Rules = z.output<typeof schema> & {
  readonly filters: readonly Readonly<Record<string, unknown>>[];
  readonly transforms: ReturnType<typeof pipelineToJson>;
  readonly generate?: GenerateRules;
  readonly grouped: boolean;
  readonly format: string;
};

/**
 * Checks everything that can be checked before the source is opened.
 *
 * @throws UsageError that names the first field with a wrong value
 */
export function prepared(given: PrepareDefinition): Prepared {
  const odd = Object.keys(given).find((name) => !FIELDS.includes(name));
  if (odd !== undefined) {
    const near = nearest(odd, FIELDS);
    throw new UsageError(
      `prepare: unknown field ${show(odd)}; ${near ? `did you mean '${near}'?` : `known are ${FIELDS.join(', ')}`}`,
    );
  }
  const { source: _, filters = [], group, augment = [], format: layout = 'webdataset', ...others } = given;
  const { generate, ...plain } = others;
  const options = parseOptions('prepare', schema, plain);
  const shares = Object.values(options.split);
  const sum = shares.reduce((total, one) => total + one, 0);
  if (shares.length === 0 || Math.abs(sum - 1) > 1e-6)
    throw new UsageError(
      `prepare: split: expected shares that sum to 1 but received ${show(options.split)}, which sum to ${sum}; change one of them`,
    );
  const unknown = options.augmented.find((name) => options.split[name] === undefined);
  if (unknown !== undefined && given.augmented)
    throw new UsageError(
      `prepare: augmented: ${show(unknown)} is no split; name some of ${Object.keys(options.split).join(', ')}`,
    );
  const drawn =
    augment.length > 0 ||
    generate !== undefined ||
    options.copies > 1 ||
    balances(options.balance) ||
    thins(options.balance);
  if (drawn && !options.augmented.some((name) => options.split[name] !== undefined))
    throw new UsageError(
      `prepare: augmented: none of the splits ${Object.keys(options.split).join(', ')} is augmented or balanced; name those that are, as augmented: ['${Object.keys(options.split)[0]}']`,
    );
  const wrong = augment.find((one) => typeof one?.transform?.draw !== 'function');
  if (wrong !== undefined)
    throw new UsageError(
      `prepare: augment: expected transforms of samples but received ${show(wrong)}; give for example [horizontalFlip()]`,
    );
  const normalizing = augment.some(({ transform }) => transform.name === 'normalize');
  if (normalizing)
    throw new UsageError(
      'prepare: augment: normalize() makes no plain pixels, which files hold; leave it to the training',
    );
  if (typeof layout !== 'string')
    throw new UsageError(
      `prepare: format: expected the name of a layout but received ${show(layout)}; give for example 'webdataset'`,
    );
  const format = formatNamed(layout);
  if (format.pixels && given.encode !== undefined)
    throw new UsageError(
      `prepare: encode: ${layout} holds pixels as they are, so nothing is encoded; leave encode out, or use another format`,
    );
  const { encode } = options;
  if (encode.format === 'png' && encode.quality !== undefined)
    throw new UsageError(
      `prepare: encode: quality ${encode.quality} means nothing for png; leave it out, or use jpeg or webp`,
    );
  const several = options.copies > 1 || balances(options.balance);
  if (generate !== undefined) checkGenerate(generate, given, several || !options.keepOriginal);
  else if (augment.length === 0 && several)
    throw new UsageError(
      'prepare: copies and balance make several samples of one image, which would be the same without augment; give transforms, or leave them out',
    );
  if (augment.length > 0 && options.keepOriginal && !several)
    throw new UsageError(
      'prepare: augment: the first copy of each image is not augmented, and there is no other; raise copies, set keepOriginal: false, or leave augment out',
    );
  checkSize(given);
  const odder = filters.find((one) => typeof one?.refuse !== 'function');
  if (odder !== undefined)
    throw new UsageError(
      `prepare: filters: expected filters but received ${show(odder)}; give for example [sizeFilter({ min: 32 })]`,
    );
  if (group !== undefined && typeof group !== 'function')
    throw new UsageError(
      `prepare: group: expected a function but received ${show(group)}; return a text for relatives`,
    );
  const rules: Rules = {
    ...options,
    filters: filters.map(({ name, options }) => ({ name, ...options })),
    transforms: pipelineToJson(augment),
    ...(generate && { generate: generate.rules }),
    grouped: group !== undefined,
    format: format.name,
  };
  return { filters: inOrder(filters), group, augment, generate, format, rules };
}

/** A model that would make nothing, and copies that neither it nor transforms make. */
function checkGenerate(generate: GeneratedCopies, given: PrepareDefinition, copies: boolean): void {
  if (typeof generate?.rules?.model !== 'string')
    throw new UsageError(
      `prepare: generate: expected copies by a model but received ${show(generate)}; give generatedCopies({ model: 'generator.onnx' })`,
    );
  if (!copies)
    throw new UsageError(
      'prepare: generate: the first copy of each image is the image itself, and there is no other; raise copies, give balance, or leave generate out',
    );
  const transforms = given.augment?.length ?? 0;
  if (generate.rules.share < 1 && transforms === 0)
    throw new UsageError(
      `prepare: generate: with a share of ${generate.rules.share} the other copies would be the same without augment; give transforms, or share: 1`,
    );
  if (generate.rules.share === 1 && transforms > 0)
    throw new UsageError(
      'prepare: augment: all copies are generated, so that nothing is augmented; give generate a share below 1, or leave augment out',
    );
  if (given.size === undefined)
    throw new UsageError(
      'prepare: generate: a model makes images of its own size, and those of the source keep theirs; give a size',
    );
}

/** Sizes that no way of fitting leads to, and ways that no size asks for. */
function checkSize({ size, fit }: PrepareDefinition): void {
  if (size === undefined && fit !== undefined)
    throw new UsageError(
      `prepare: fit: ${show(fit)} means nothing while sizes stay; give a size, or leave it out`,
    );
  if (fit === 'within' && typeof size === 'object' && size[0] !== size[1])
    throw new UsageError(
      `prepare: size: 'within' takes one number, for the longer side, but received ${show(size)}; give that, or use another fit`,
    );
}

const balances = ({ to, factors = {} }: BalanceRule) =>
  (to !== undefined && to !== 'none') || Object.values(factors).some((factor) => factor > 1);

/** A factor below 1 thins a class out, for which nothing is drawn. */
const thins = ({ factors = {} }: BalanceRule) => Object.values(factors).some((factor) => factor < 1);
