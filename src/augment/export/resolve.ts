/** A pipeline as an exporter reads it: schedules and stages read off at one progress. JSON in, JSON out. */
import { isSchedule, type Schedule, valueAt } from '../../core/index.js';
import {
  type PipelineJson,
  pipelineFromJson,
  pipelineToJson,
  type StageJson,
  type StepJson,
} from '../recipe/serialize.js';

export interface Resolved {
  readonly transforms: readonly StepJson[];
  /** No library has them: they are refused or left out by their names. */
  readonly stages: readonly StageJson[];
  readonly batch: readonly StepJson[];
  /** What was read off: `cutout.size = 16`. */
  readonly read: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** JSON that someone wrote: checked, with every default in it. */
export function completed(json: unknown): PipelineJson {
  const { transforms, stages, batch } = pipelineFromJson(json, [], { stages: 'elsewhere' });
  return pipelineToJson(
    transforms,
    batch.map((transform) => ({ transform })),
    stages,
  );
}

export function resolve({ transforms, stages = [], batch = [] }: PipelineJson, progress: number): Resolved {
  const read: string[] = [];
  const resolved = (steps: readonly StepJson[]) => steps.map((step) => resolvedStep(step, progress, read));
  return { transforms: resolved(transforms), stages, batch: resolved(batch), read };
}

function resolvedStep(step: StepJson, progress: number, read: string[]): StepJson {
  const { op, options = {} } = step;
  if (op === 'staged') return staged(options, progress, read);
  if (Array.isArray(options.of)) {
    const of = (options.of as StepJson[]).map((inner) => resolvedStep(inner, progress, read));
    return { op, options: { ...(valued({ ...options, of: 0 }, op, progress, read) as Json), of } };
  }
  return { op, options: valued(options, op, progress, read) as Json };
}

/** The last stage that has begun, as `staged` draws it. */
function staged(options: Json, progress: number, read: string[]): StepJson {
  const stages = options.stages as (StepJson & { readonly from: number })[];
  const { op, options: own, from } = stages.findLast(({ from }) => progress >= from) ?? stages[0]!;
  read.push(`staged = the stage from ${from}, ${op}`);
  return resolvedStep({ op, ...(own && { options: own }) }, progress, read);
}

function valued(value: unknown, path: string, progress: number, read: string[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isSchedule(value)) {
    const at = valueAt(value as Schedule, progress);
    read.push(`${path} = ${at}`);
    return at;
  }
  if (Array.isArray(value)) return value.map((v, i) => valued(v, `${path}[${i}]`, progress, read));
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, valued(v, `${path}.${key}`, progress, read)]),
  );
}
