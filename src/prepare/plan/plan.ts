/**
 * What will be written: immutable, with a digest over all of it. A shard is a pure function of the plan, so any machine
 * may render it, and it may be rendered again.
 */

import { jsonDigest } from '../../core/files/json-digest.js';
import type { ImageRef, Label, Targets } from '../../core/index.js';
import { RxaugError, UsageError } from '../../core/index.js';
import { fromJson, toJson } from '../../core/json.js';
import type { OutputSchema } from '../../io/write/output.js';
import type { Rules } from '../definition.js';
import type { Distribution } from '../score/distribution.js';
import type { Versions } from '../versions.js';

/** One sample of the output. */
export interface PlanRow {
  readonly key: string;
  /** Of the source. */
  readonly id: string;
  readonly image: ImageRef;
  /** Of the image's stored bytes: they are what was planned, or the shard is not written. */
  readonly sha256: string;
  /** Likewise over its masks that lie in files, where it has some. */
  readonly masks?: string;
  readonly width: number;
  readonly height: number;
  readonly format: string;
  /** Its bytes may be written as they are where no pixel changes. */
  readonly plain: boolean;
  readonly label: Label;
  readonly targets?: Targets;
  /** 0 for the first sample of an image. */
  readonly copy: number;
  /** Samples of the image in all, where it has several. */
  readonly copies?: number;
  /** Whether transforms are drawn. */
  readonly augmented: boolean;
  /** Whether a generative model makes it, in place of transforms. */
  readonly generated?: true;
  /**
   * Number of the group of relatives and near-duplicates, where the image is not alone. Each generation numbers all groups
   * again, from generation · 2³² on, so equal numbers mean the same group whatever shards they are in.
   */
  readonly group?: number;
}

/** A shard of the plan. */
export interface PlanShard {
  readonly split: string;
  /** Within its split. */
  readonly index: number;
  readonly samples: number;
  /** Of the file of its rows. */
  readonly sha256: string;
  /** Where it was made by an earlier generation: the digest of that plan, and the number of the generation. */
  readonly earlier?: { readonly plan: string; readonly generation: number };
}

/** Counts of one split. */
export interface PlanSplit {
  /** That a sample is made of. */
  readonly images: number;
  readonly samples: number;
  readonly shards: number;
  /** Samples by class, in the order of the classes. */
  readonly byClass: readonly number[];
  /** Images by class. */
  readonly imagesByClass: readonly number[];
  /** Images by class that balance has thinned out. */
  readonly thinnedByClass: readonly number[];
}

export interface Plan {
  readonly rxaug: 'plan';
  readonly version: 2;
  readonly name: string;
  /** Over everything else in here. */
  readonly digest: string;
  /** 0 for the first, one more for each `--append`: it holds the shards of all before it. */
  readonly generation: number;
  readonly seed: number;
  /** Megabytes that a process may hold: a sample that needs more is left out, on every machine. */
  readonly memory: number;
  readonly rules: Rules;
  readonly source: {
    readonly name: string;
    readonly images: number;
    /** Images of earlier generations that are not in it any more. */
    readonly gone: number;
    /** Images that are new where only those that were refused are tried again: they are in nothing yet. */
    readonly waiting: number;
    /** Of the scan: all that was found out about the images. */
    readonly sha256: string;
  };
  /** What the generative models give for the same numbers on the machine of the plan, and the deviation of their codes. */
  readonly generator?: { readonly digest: string; readonly deviation?: readonly number[] };
  readonly schema: OutputSchema;
  readonly splits: Readonly<Record<string, PlanSplit>>;
  readonly shards: readonly PlanShard[];
  /** Images that are left out, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** What models gave, where filters have some. */
  readonly scores?: readonly Distribution[];
  /** SHA-256 of the lists beside it: what is left out, and the groups of relatives. */
  readonly lists: { readonly refused: string; readonly groups: string };
  readonly near: {
    /** Groups of two images and more. */
    readonly groups: number;
    /** Images in them. */
    readonly images: number;
    /** Pairs that a split by single images would have divided. */
    readonly leaksPrevented: number;
    /** Groups that lie in two splits, for later images joined what had been written already. */
    readonly torn: number;
    /** Images left out as near-duplicates of one that is kept. */
    readonly dropped: number;
  };
  readonly versions: Versions;
}

/** Names of a preparation's own files, below the output. */
export const PLAN = '.rxaug/plan.json';
/** The scan of a generation, in the local folder. */
export const scanFile = (generation: number) =>
  generation === 0 ? 'scan.jsonl' : `scan-${generation}.jsonl`;
/** A plan that a later one has taken the place of. */
export const oldPlan = (generation: number) => `.rxaug/plan-${generation}.json`;
/** Lists of a generation: those of an earlier one stay until the plan of the next one is there. */
const listFile = (list: string) => (generation: number) =>
  `.rxaug/${list}${generation === 0 ? '' : `-${generation}`}.jsonl`;
export const leftOutFile = listFile('refused');
export const groupsFile = listFile('groups');
const name = ({ split, index }: Pick<PlanShard, 'split' | 'index'>) =>
  `${split}-${String(index).padStart(6, '0')}`;
export const shardName = name;
export const rowsFile = (shard: Pick<PlanShard, 'split' | 'index'>) => `.rxaug/rows/${name(shard)}.jsonl`;
export const doneFile = (shard: Pick<PlanShard, 'split' | 'index'>) => `.rxaug/done/${name(shard)}.json`;
export const poisonFile = (shard: Pick<PlanShard, 'split' | 'index'>) => `.rxaug/poison/${name(shard)}.json`;

/** With its digest. */
export function sealed(plan: Omit<Plan, 'digest'>): Plan {
  return { ...plan, digest: jsonDigest(plan) };
}

export const planText = (plan: Plan): string => `${toJson(plan, 1)}\n`;

/** @throws UsageError for what is no plan, one of another version, and one that was changed */
export function parsePlan(text: string, where: string): Plan {
  let plan: Plan;
  try {
    plan = fromJson(text) as Plan;
  } catch (error) {
    throw new RxaugError(`${where}: it is no JSON; restore it, or prepare into another folder`, {
      cause: error,
    });
  }
  if (plan?.rxaug !== 'plan')
    throw new UsageError(
      `${where}: expected the plan of a preparation but it is another file; give the folder of one`,
    );
  if (plan.version !== 2)
    throw new UsageError(
      `${where}: expected a plan of version 2 but received version ${plan.version}; use the rxaug that made it`,
    );
  const { digest, ...rest } = plan;
  if (jsonDigest(rest) !== digest)
    throw new RxaugError(
      `${where}: it is not what its digest says, so it was changed; restore it, or prepare into another folder`,
    );
  return plan;
}

/** A row as its line: distributions are lists, since JSON has no typed arrays. */
export function rowLine(row: PlanRow): string {
  const { label } = row;
  // Three times as quick, and the same where every number is finite.
  if (typeof label === 'number' && !row.targets) return `${JSON.stringify(row)}\n`;
  return `${toJson({ ...row, label: typeof label === 'number' ? label : [...label] })}\n`;
}

export function parseRow(line: string): PlanRow {
  const row = fromJson(line) as PlanRow;
  return typeof row.label === 'number' ? row : { ...row, label: Float32Array.from(row.label) };
}
