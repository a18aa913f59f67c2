/** Samples: references with recipes. */
import { UsageError } from './errors.js';
import type { ImageRef } from './image-ref.js';
import type { Label } from './label.js';
import type { Problem } from './problem.js';
import { fold, type Key, keyOf } from './random.js';
import { unknownField } from './target-fields.js';
import type { Targets } from './targets.js';

/** How far the sum of a distribution in single precision may be from 1. */
const ROUNDING = 1e-3;

/** True for numbers ≥ 0 that sum to 1, one for each of `classes` classes. */
export function isDistribution(values: ArrayLike<number>, classes: number): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const share = values[i] as number;
    if (!(share >= 0)) return false;
    sum += share;
  }
  return values.length === classes && Math.abs(sum - 1) < ROUNDING;
}

/** The data set that samples come from: shared by all of them, never copied. */
export interface Origin {
  readonly name: string;
  readonly classes: readonly string[];
  readonly seed: number;
  /** Samples in one epoch, where it is known. */
  readonly size?: number;
  /** Whether each epoch has a keyed order of its own. */
  readonly shuffle?: boolean;
  /** Samples of each class, where so many were chosen. */
  readonly perClass?: number;
  /** Passes over the data; `Infinity` for as many as are taken; absent where that is not known. */
  readonly epochs?: number;
  /** What the reader left out when the data set was opened. */
  readonly problems?: readonly Problem[];
}

/** One operator's randomness, made concrete: plain JSON from which the same pixels can be made again. */
export interface Draw {
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The draws made for a sample, in order: what it takes to render the same pixels again. */
export type Recipe = readonly Draw[];

/** What a sample is made of. */
export interface SampleFields {
  readonly id: string;
  /** Position in the data set, before any shuffling: what the randomness is keyed by. */
  readonly index: number;
  readonly epoch: number;
  /** Training progress in [0, 1] when this sample is used; schedules read it. */
  readonly progress: number;
  readonly image: ImageRef;
  readonly label: Label;
  /** Masks, boxes and keypoints, as they are before any draw. */
  readonly targets?: Targets;
  readonly origin: Origin;
}

const NO_DRAWS: Recipe = [];

/** What `with` changes; the others say where a sample comes from, and its randomness hangs on them. */
const CHANGEABLE = { id: true, image: true, label: true, targets: true } as const;

/**
 * A sample of a stream: a reference to an image, its label and targets, and the draws made for it so far.
 * Immutable. Operators append draws (`drawn`); no pixel is touched until the sample is rendered. Change `id`,
 * `image`, `label` or `targets` with `with`; the other fields key its randomness.
 *
 * @throws {UsageError} by `with`, for any other field
 * @example
 * const origin = { name: 'one', classes: ['cat'], seed: 7 };
 * const image = { kind: 'file', path: 'photo.jpg' } as const;
 * const sample = new Sample({ id: 'photo', index: 0, epoch: 0, progress: 0, image, label: 0, origin });
 * sample.with({ id: 'first' }).id // → 'first'
 */
export class Sample implements SampleFields {
  readonly id: string;
  readonly index: number;
  readonly epoch: number;
  readonly progress: number;
  readonly image: ImageRef;
  readonly label: Label;
  readonly targets?: Targets;
  readonly origin: Origin;
  /** hash(seed, epoch, index): operators fold their position into it. */
  readonly key: Key;

  constructor(
    fields: SampleFields,
    readonly recipe: Recipe = NO_DRAWS,
    /** How many operators have seen this sample: the position of the next one. */
    readonly position = 0,
    key?: Key,
  ) {
    this.id = fields.id;
    this.index = fields.index;
    this.epoch = fields.epoch;
    this.progress = fields.progress;
    this.image = fields.image;
    this.label = fields.label;
    this.targets = fields.targets;
    this.origin = fields.origin;
    this.key = key ?? fold(keyOf(fields.origin.seed), fields.epoch, fields.index);
  }

  /**
   * This sample after one more operator, or several, which drew these draws (none is a draw too: the position moves
   * on).
   */
  drawn(draws: Recipe, operators = 1): Sample {
    const recipe = draws.length === 0 ? this.recipe : this.recipe.concat(draws);
    return new Sample(this, recipe, this.position + operators, this.key);
  }

  /** This sample with some fields changed, for `map`. */
  with(fields: Partial<Pick<SampleFields, 'id' | 'image' | 'label' | 'targets'>>): Sample {
    for (const field in fields)
      if (!(field in CHANGEABLE)) throw new UsageError(unknownField(fields, CHANGEABLE, 'Sample.with'));
    return new Sample({ ...pick(this), ...fields }, this.recipe, this.position, this.key);
  }
}

function pick(sample: Sample): SampleFields {
  const { id, index, epoch, progress, image, label, targets, origin } = sample;
  return { id, index, epoch, progress, image, label, targets, origin };
}
