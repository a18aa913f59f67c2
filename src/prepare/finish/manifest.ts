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
  readonly version: 2;
  readonly name: string;
  /** Of the plan. */
  readonly plan: string;
  readonly seed: number;
  readonly schema: OutputSchema;
  readonly source: Plan['source'];
  /** `source.images` + `source.gone` = `counts.images` + all of `refused` + `source.waiting`. */
  readonly counts: {
    /** Of which there is a sample. */
    readonly images: number;
    readonly samples: number;
    /** Samples of the plan that could not be rendered, also of images of which others could. */
    readonly lost: number;
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
        readonly images: number;
        readonly samples: number;
        readonly shards: number;
        readonly byClass: Readonly<Record<string, number>>;
      }
    >
  >;
  /** Images that are not in it, by reason: 'not rendered' are those of which no sample could be. */
  readonly refused: Readonly<Record<string, number>>;
  /** How scores of models are distributed over the images of the source, where filters have some. */
  readonly scores?: Plan['scores'];
  /** Boxes and the like that were left out while their image stayed. */
  readonly dropped: number;
  readonly near: Plan['near'];
  /**
   * Of the pixels of the augmented splits (`train`) as they were rendered, in 0..1 by channel: what `normalize` takes. Of all
   * splits where none is augmented. What is there to measure on has no share in it. A reader decodes the same pixels from
   * PNG, raw caches and files that were passed on; JPEG and WebP change mean and deviation by some 0.0001 to 0.001.
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
  const splits = Object.entries(plan.splits).map(([split, planned]) => {
    const mine = done.filter((one) => one.split === split);
    const images = planned.images - notRendered(mine);
    const samples = mine.reduce((total, one) => total + one.samples, 0);
    const byClass = schema.classes.map((label, c): [string, number] => [
      label,
      mine.reduce((total, one) => total + (one.byClass[c] ?? 0), 0),
    ]);
    return [split, { images, samples, shards: mine.length, byClass: Object.fromEntries(byClass) }] as const;
  });
  const images = splits.reduce((total, [, split]) => total + split.images, 0);
  const rejected = notRendered(done);
  return {
    rxaug: 'dataset',
    version: 2,
    ...{ name, plan: digest, seed, schema, source },
    counts: {
      images,
      samples: sum(({ samples }) => samples),
      lost: sum(({ refused }) => refused.length),
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

/** Images of which every sample was refused. */
function notRendered(done: readonly Done[]): number {
  const left = new Map<string, number>();
  for (const { refused } of done)
    for (const { id, copies = 1 } of refused) left.set(id, (left.get(id) ?? copies) - 1);
  return [...left.values()].filter((n) => n === 0).length;
}

/** The splits that `statistics` are of. */
export function measuredSplits({ rules, splits }: Pick<Plan, 'rules' | 'splits'>): readonly string[] {
  const names = Object.keys(splits);
  const augmented = names.filter((name) => rules.augmented.includes(name));
  return augmented.length > 0 ? augmented : names;
}

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 1)}\n`;
