/** What a search will do, written down before it begins: what it is about, what that costs, and how often it is done. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { SampleOperator } from '../augment/index.js';
import { fileReason } from '../core/files/file-errors.js';
import { jsonDigest } from '../core/files/json-digest.js';
import { replaceFile } from '../core/files/write-file.js';
import { RxaugError, show, UsageError } from '../core/index.js';
import { fromJson, throughJson, toJson } from '../core/json.js';
import { controlNames, ownControls } from './arms.js';
import type { Images } from './data/images.js';
import type { ProblemData } from './data/splits.js';
import type { SearchProblem } from './problem.js';

const cost = z.strictObject({
  secondsPerImageEpoch: z.number(),
  secondsPerTrial: z.number(),
  secondsPerForward: z.number(),
  searchImages: z.number(),
  validationImages: z.number(),
});

const planSchema = z.strictObject({
  /** What determines policies and figures; a search goes on only with the same. */
  identity: z.record(z.string(), z.unknown()),
  cost,
  /** Trainings side by side when it was planned. */
  workers: z.int().min(1),
  /** Processes that search, where trainings are done elsewhere. */
  here: z.int().min(1).optional(),
  searches: z.int().min(1),
  pairs: z.int().min(1),
  /** Pairs beyond which no round is added, however much time is left. */
  most: z.int().min(1),
  /** Of the clock, before it was planned: loading and measuring. */
  elapsed: z.number(),
  /** Of the clock, for all searches together. */
  searchSeconds: z.number(),
  /** Of the clock, for what each op is worth; 0: it is not measured. */
  worthSeconds: z.number(),
  /** Of the clock, for one training of each arm. */
  roundSeconds: z.number(),
  sha256: z.string(),
});
/** An immutable plan, as plan.json holds it. */
export type Plan = z.output<typeof planSchema>;

/** Everything that a search is about, by the names that errors use. */
export function identityOf(
  problem: SearchProblem,
  data: ProblemData,
  options: {
    readonly pipeline: string;
    readonly strategy: string;
    readonly strategyOptions: Readonly<Record<string, unknown>>;
    readonly seed: number;
    readonly budget: number;
    readonly settings: Readonly<Record<string, unknown>>;
  },
): Plan['identity'] {
  const { space, trial, base, size, channels, statistics } = problem;
  const own = ownControls(problem);
  const splits = { train: data.train, search: data.search, heldOut: data.heldOut, test: data.test };
  const identity = {
    ...options,
    space: {
      ops: Object.fromEntries(
        space.ops.map(({ name, magnitude, channels, twin }) => [
          name,
          { ...magnitude, channels, twin: twin?.kind },
        ]),
      ),
      ...(space.batchStages && {
        batchStages: Object.fromEntries(
          space.batchStages.map(({ name, strength, model }) => [name, { ...strength, model }]),
        ),
      }),
      subPolicies: space.subPolicies,
      stages: space.stages,
    },
    data: Object.fromEntries(Object.entries(splits).map(([name, images]) => [name, digestOf(images)])),
    images: { size, channels, statistics },
    trial: { ...trial, model: trial.model.config },
    base: base.map(described),
    controls: own
      ? Object.fromEntries(Object.entries(own).map(([name, of]) => [name, of.map(described)]))
      : controlNames(problem),
  };
  return throughJson(identity) as Plan['identity'];
}

export const digestOf = ({ ids, sha256 }: Images) => ({ images: ids.length, sha256 });

const described = ({ transform: { name, options } }: SampleOperator) => ({ op: name, options });

/** Writes a plan, once and for all. */
export function writePlan(file: string, given: Omit<Plan, 'sha256'>): Plan {
  // In the order of the schema, as it will be read.
  const plan = planSchema.omit({ sha256: true }).parse(given);
  const whole = { ...plan, sha256: jsonDigest(plan) };
  replaceFile(file, `${toJson(whole, 2)}\n`);
  return whole;
}

/**
 * The plan in a file; undefined where there is none.
 *
 * @throws RxaugError if it cannot be read or was changed
 */
export function readPlan(file: string): Plan | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = fromJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new RxaugError(
      `${file}: cannot be read as a plan (${fileReason(error)}); search into another folder`,
    );
  }
  const parsed = planSchema.safeParse(kept);
  if (!parsed.success)
    throw new RxaugError(`${file}: is not the plan of a search; search into another folder`);
  const { sha256, ...plan } = parsed.data;
  if (sha256 === jsonDigest(plan)) return parsed.data;
  throw new RxaugError(`${file}: was changed after it was written; search into another folder`);
}

/** Refuses to go on with a search that is about something else; names what differs. */
export function checkSame(file: string, was: Plan['identity'], is: Plan['identity']): void {
  const place = firstDifference(was, is);
  if (!place) return;
  throw new UsageError(
    `${file}: belongs to a search with ${place.path} ${show(place.was)}, not ${show(place.is)}; use the same, or search into another folder`,
  );
}

interface Difference {
  readonly path: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** The first place at which two searches differ. */
export function firstDifference(was: Plan['identity'], is: Plan['identity']): Difference | undefined {
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const place = differs(key, was[key], is[key]);
    if (place) return place;
  }
  return undefined;
}

/** The first place at which two values differ. */
function differs(path: string, was: unknown, is: unknown): Difference | undefined {
  if (toJson(was) === toJson(is)) return undefined;
  if (!isRecord(was) || !isRecord(is)) return { path, was, is };
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    const found = differs(`${path}.${key}`, was[key], is[key]);
    if (found) return found;
  }
  return { path, was, is };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
