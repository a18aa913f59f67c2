/** What a finished data set says of itself. It is written last: a folder with a manifest is complete. */
import type { OutputFile, OutputSchema } from '../../io/write/output.js';
import type { Done } from '../commit.js';
import type { Rules } from '../definition.js';
import type { Plan } from '../plan/plan.js';
import { added, moments, NO_PIXELS } from '../render/statistics.js';
import type { Versions } from '../versions.js';

export const MANIFEST = 'manifest.json';

export interface Manifest {
  readonly rxaug: 'dataset';
  readonly version: 1;
  readonly name: string;
  /** Of the plan. */
  readonly plan: string;
  readonly seed: number;
  readonly schema: OutputSchema;
  readonly source: Plan['source'];
  readonly counts: {
    readonly images: number;
    readonly samples: number;
    readonly bytes: number;
    /** Files passed on as they are. */
    readonly passed: number;
    /** Samples that a generative model made, where the rules have one. */
    readonly generated?: number;
    readonly boxes: number;
    /** That `statistics` are of. */
    readonly pixels: number;
  };
  readonly splits: Readonly<
    Record<
      string,
      {
        readonly samples: number;
        readonly shards: number;
        readonly byClass: Readonly<Record<string, number>>;
      }
    >
  >;
  /** Images and samples that are not in it, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** How scores of models are distributed over the images of the source, where filters have some. */
  readonly scores?: Plan['scores'];
  /** Boxes and the like that were left out while their image stayed. */
  readonly dropped: number;
  readonly near: Plan['near'];
  /**
   * Of the pixels of the augmented splits (`train`) as they were written, in 0..1 by channel: what `normalize` takes. Of all
   * splits where none is augmented. What is there to measure on has no share in it.
   */
  readonly statistics: {
    readonly mean: readonly [number, number, number];
    readonly std: readonly [number, number, number];
  };
  readonly rules: Rules;
  readonly versions: Versions;
  readonly shards: readonly {
    readonly split: string;
    readonly index: number;
    readonly samples: number;
    readonly files: readonly OutputFile[];
  }[];
  /** Files beside the shards. */
  readonly files: readonly OutputFile[];
}

export function manifestOf(plan: Plan, done: readonly Done[], files: readonly OutputFile[]): Manifest {
  const { schema, name, digest, seed, source, rules, versions, near, scores } = plan;
  const sum = (of: (one: Done) => number) => done.reduce((total, one) => total + of(one), 0);
  const measured = measuredSplits(plan);
  const channels = done
    .filter(({ split }) => measured.includes(split))
    .reduce((all, one) => added(all, one.channels), NO_PIXELS);
  const rejected = sum(({ refused }) => refused.length);
  const images = Object.values(plan.splits).reduce((total, split) => total + split.images, 0);
  const splits = Object.keys(plan.splits).map((split) => {
    const mine = done.filter((one) => one.split === split);
    const samples = mine.reduce((total, one) => total + one.samples, 0);
    const byClass = schema.classes.map((label, c): [string, number] => [
      label,
      mine.reduce((total, one) => total + (one.byClass[c] ?? 0), 0),
    ]);
    return [split, { samples, shards: mine.length, byClass: Object.fromEntries(byClass) }] as const;
  });
  return {
    rxaug: 'dataset',
    version: 1,
    ...{ name, plan: digest, seed, schema, source },
    counts: {
      images,
      samples: sum(({ samples }) => samples),
      bytes: sum(({ bytes }) => bytes),
      passed: sum(({ passed }) => passed),
      ...(rules.generate && { generated: sum(({ generated = 0 }) => generated) }),
      boxes: sum(({ boxes }) => boxes),
      pixels: channels.pixels,
    },
    splits: Object.fromEntries(splits),
    refused: { ...plan.refused, ...(rejected > 0 && { 'not rendered': rejected }) },
    ...(scores && { scores }),
    dropped: sum(({ notes }) => notes),
    near,
    statistics: moments(channels),
    rules,
    versions,
    shards: done.map(({ split, index, samples, files }) => ({ split, index, samples, files })),
    files,
  };
}

/** The splits that `statistics` are of. */
export function measuredSplits({ rules, splits }: Pick<Plan, 'rules' | 'splits'>): readonly string[] {
  const names = Object.keys(splits);
  const augmented = names.filter((name) => rules.augmented.includes(name));
  return augmented.length > 0 ? augmented : names;
}

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;
