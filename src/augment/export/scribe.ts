/**
 * What the tables of all targets share: the shape of options once schedules are read off, refusals, and the walk
 * over a pipeline that leaves out or refuses what a target cannot express.
 */
import { UsageError } from '../../core/index.js';
import type { StepJson } from '../recipe/serialize.js';
import type { Py } from './python.js';

type Pair = readonly [number, number];
type Color = readonly [number, number, number];

/** The number whose multiples `padTo` pads to, where its `size` is that. */
export const multipleOf = (size: unknown): number | undefined =>
  (size as { readonly multipleOf?: number }).multipleOf;

/** Options of every transform, as their schemas leave them. Each transform has its own few. */
export interface Options {
  readonly p: number;
  readonly n: number;
  readonly of: readonly StepJson[];
  readonly weights: readonly number[];
  readonly interpolation: 'nearest' | 'bilinear' | 'bicubic' | 'lanczos';
  readonly border: 'constant' | 'edge' | 'reflect';
  readonly fill: number | Color | 'noise';
  readonly antialias: boolean;
  readonly keepRatio: boolean;
  readonly perChannel: boolean;
  readonly unit: 'share' | 'pixels';
  readonly position: 'center' | 'topLeft' | 'random';
  readonly down: 'area' | 'nearest';
  readonly up: 'bilinear' | 'nearest';
  readonly subsampling: '4:2:0' | '4:4:4';
  readonly methods: readonly ('luma' | 'mean' | 'max' | 'desaturation')[];
  readonly turns: readonly number[];
  readonly size: number | Pair;
  readonly padding: number | { readonly share: number };
  readonly count: number;
  readonly cutoff: number;
  readonly distortion: number;
  readonly alpha: number;
  readonly translate: Pair;
  readonly center: Pair;
  readonly angle: Pair;
  readonly rotate: Pair;
  readonly shift: Pair;
  readonly factor: Pair;
  readonly x: Pair;
  readonly y: Pair;
  readonly shearX: Pair;
  readonly shearY: Pair;
  readonly scale: Pair;
  readonly ratio: Pair;
  readonly sigma: Pair;
  readonly gamma: Pair;
  readonly bits: Pair;
  readonly threshold: Pair;
  readonly add: Pair;
  readonly red: Pair;
  readonly green: Pair;
  readonly blue: Pair;
  readonly quality: Pair;
  readonly holes: Pair;
  readonly height: Pair;
  readonly width: Pair;
  readonly share: Pair;
  readonly mean: Color;
  readonly std: Color;
}

/** Refused: this target cannot say it. */
class Unexportable extends UsageError {
  override name = 'Unexportable';
}

export interface Scribe {
  /** Values are normalized from here on: only erasing may follow. */
  normalized: boolean;
  /** Writes steps in a row; those left out are gone. */
  chain(steps: readonly StepJson[]): Py[];
  /** Writes each step as one value, for a choice. Left-out steps become no-ops, so the probabilities stay the same. */
  each(steps: readonly StepJson[]): Py[];
  /** A class of our own that the file needs. */
  use(name: string): void;
}

export type Entry = (options: Options, scribe: Scribe) => Py | readonly Py[];
export type Table = Readonly<Record<string, Entry>>;

export interface Target {
  readonly name: string;
  readonly table: Table;
  /** Several in a row as one value. */
  row(steps: readonly Py[]): Py;
  /** One that leaves the image as it is. */
  readonly nothing: Py;
}

/** Erasing after normalization, alone or chosen among; all else changes bytes. */
const ERASING = new Set(
  ['cutout', 'randomErasing', 'coarseDropout'].concat(['oneOf', 'weightedOneOf', 'someOf', 'randomApply']),
);

export class Writer implements Scribe {
  normalized = false;
  readonly used = new Set<string>();
  /** Sentences about what was left out. */
  readonly skipped: string[] = [];
  private depth = 0;

  constructor(
    readonly target: Target,
    private readonly skipUnknown: boolean,
  ) {}

  use(name: string): void {
    this.used.add(name);
  }

  chain(steps: readonly StepJson[]): Py[] {
    return steps.flatMap((step) => this.write(step) ?? []);
  }

  each(steps: readonly StepJson[]): Py[] {
    return steps.map((step) => {
      const made = this.write(step) ?? [];
      if (made.length === 0) return this.target.nothing;
      return made.length === 1 ? (made[0] as Py) : this.target.row(made);
    });
  }

  private write(step: StepJson): readonly Py[] | undefined {
    try {
      return this.entry(step);
    } catch (error) {
      if (!(error instanceof Unexportable)) throw error;
      if (!this.skipUnknown)
        throw new UsageError(`export: ${error.message}; --skip-unknown leaves it out`, { cause: error });
      this.skipped.push(error.message);
      return undefined;
    }
  }

  private entry({ op, options = {} }: StepJson): readonly Py[] {
    const { name, table } = this.target;
    if (!Object.hasOwn(table, op)) throw new Unexportable(`${op}: ${name} has nothing that does the same`);
    if (this.normalized && !ERASING.has(op))
      throw new Unexportable(`${op}: only erasing may come after normalize; move it before`);
    if (op === 'normalize' && this.depth > 0)
      throw new Unexportable('normalize: inside a choice it would change the type of some images only');
    if (options.p === 0) return [];
    this.depth++;
    try {
      const made = (table[op] as Entry)(options as unknown as Options, this);
      return Array.isArray(made) ? made : [made as Py];
    } finally {
      this.depth--;
    }
  }
}

/** An error `op: what cannot be exported; what can`. */
export function cannot(op: string, why: string, instead?: string): never {
  throw new Unexportable(`${op}: ${why}${instead ? `; ${instead}` : ''}`);
}

/** The members of a choice by odds that can be chosen, and their odds. */
export function withOdds({ of, weights }: Options): {
  readonly of: readonly StepJson[];
  readonly weights: readonly number[];
} {
  const can = (_: unknown, i: number) => (weights[i] as number) > 0;
  return { of: of.filter(can), weights: weights.filter(can) };
}

export const rounded = ([low, high]: Pair): [number, number] => [Math.round(low), Math.round(high)];
export const negated = ([low, high]: Pair): [number, number] => [0 - high, 0 - low];
export const isFixed = ([low, high]: Pair): boolean => low === high;
export const isZero = ([low, high]: Pair): boolean => low === 0 && high === 0;
export const isBlack = (fill: Options['fill']): boolean =>
  fill === 0 || (Array.isArray(fill) && fill.every((v) => v === 0));
export const sidesOf = (size: number | Pair): [height: number, width: number] =>
  typeof size === 'number' ? [size, size] : [size[0], size[1]];
