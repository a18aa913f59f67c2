/**
 * Reads logs of runs: the events.jsonl of `rxaug run`, or a file of `jsonl()`. A log may hold several trainings, named
 * by `run`. A resumed run appends; if an epoch occurs twice, the later one counts.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { messageOf, RxaugError, show } from '../core/errors.js';
import type { ByClass } from '../core/events.js';

/** JSON writes numbers that are not finite as null. */
const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const metrics = z.record(z.string(), figure);
const weights = z.object({
  norm: figure,
  zeros: figure,
  nearZeros: figure,
  effectiveLearningRate: figure,
});
const sets = { train: metrics.optional(), clean: metrics.optional(), validation: metrics.optional() };
const run = z.string().optional();
const counts = z.array(z.number());
const byClass = z.object({
  classes: z.array(z.string()),
  samples: counts,
  accuracy: z.array(z.number().nullable()),
  confusion: z.array(counts).optional(),
});

const line = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    settings: z.record(z.string(), z.unknown()).default({}),
    pipeline: run,
  }),
  z.object({
    kind: z.literal('start'),
    run,
    model: z.string(),
    backend: z.string(),
    seed: z.number(),
    options: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({
    kind: z.literal('epoch'),
    run,
    epoch: z.int().min(0),
    ...sets,
    gap: figure.optional(),
    weights: weights.optional(),
    imagesPerSecond: z.number().optional(),
  }),
  z.object({
    kind: z.literal('evaluation'),
    run,
    set: z.string(),
    epoch: z.int().min(0),
    byClass: byClass.optional(),
  }),
  z.object({ kind: z.literal('done'), run, stopped: z.string().optional(), seconds: z.number() }),
]);
type Line = z.infer<typeof line>;
const READ = new Set(line.options.map((option) => option.shape.kind.value as string));

export type EpochLine = Extract<Line, { kind: 'epoch' }>;

/** One training. */
export interface RunLog {
  /** The folder or file, and the name of the training where there are several. */
  readonly name: string;
  /** Settings of the pipeline, and options of the trainer. */
  readonly options: Readonly<Record<string, unknown>>;
  /** In order, each once. */
  readonly epochs: readonly EpochLine[];
  /** Class by class on the test images, by the epoch after which it was measured. */
  readonly byClass?: ReadonlyMap<number, ByClass>;
  readonly done?: Extract<Line, { kind: 'done' }>;
}

export interface ReadLog {
  readonly runs: readonly RunLog[];
  /** A problem that did not prevent reading, in one sentence. */
  readonly warning?: string;
}

/** Reads a log; throws one sentence if there is nothing to compare. */
export function readRunLog(given: string): ReadLog {
  const file = fileOf(given);
  const texts = read(file).split('\n');
  // A line is one write: only the line being written when a run was killed is incomplete.
  const unfinished = texts.pop() as string;
  const lines = texts.flatMap((text, i): Line | readonly Line[] => parse(file, text, i + 1) ?? []);
  const names = [...new Set(lines.flatMap((l) => (l.kind === 'start' ? [l.run ?? ''] : [])))];
  const settings = lines.findLast((l) => l.kind === 'run')?.settings ?? {};
  const label = given.replace(/[/\\]+$/, '') || given;
  const runs = names.flatMap((name): RunLog[] => {
    const own = lines.filter((l) => l.kind !== 'run' && (l.run ?? '') === name);
    const start = own.findLast((l) => l.kind === 'start');
    const epochs = new Map(own.flatMap((l) => (l.kind === 'epoch' ? [[l.epoch, l] as const] : [])));
    if (!start || epochs.size === 0) return [];
    const { model, backend, seed, options } = start;
    return [
      {
        name: name ? `${label}:${name}` : label,
        options: { ...settings, ...options, model, backend, seed },
        epochs: [...epochs.values()].sort((a, b) => a.epoch - b.epoch),
        byClass: new Map(
          own.flatMap((l) =>
            l.kind === 'evaluation' && l.set === 'validation' && l.byClass
              ? [[l.epoch, l.byClass] as const]
              : [],
          ),
        ),
        done: own.findLast((l) => l.kind === 'done'),
      },
    ];
  });
  if (runs.length === 0)
    throw new RxaugError(`${file}: has no complete epoch of a training; let it train for one`);
  const warning = `${file}: its last line is cut short; compared without it`;
  return { runs, ...(unfinished.trim() !== '' && { warning }) };
}

function fileOf(given: string): string {
  if (!existsSync(given))
    throw new RxaugError(`${given}: not found; give the folder of a run or its .jsonl file`);
  if (!statSync(given).isDirectory()) return given;
  const file = path.join(given, 'events.jsonl');
  if (existsSync(file)) return file;
  throw new RxaugError(`${given}: has no events.jsonl; give the folder that rxaug run wrote to (--out)`);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new RxaugError(`${file}: cannot be read (${messageOf(error)}); check the path`);
  }
}

/** Undefined for events that are not compared. */
function parse(file: string, text: string, number: number): Line | undefined {
  if (text.trim() === '') return undefined;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw foreign(file, number, 'is not JSON');
  }
  const kind = (event as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string') throw foreign(file, number, 'is not an event');
  if (!READ.has(kind)) return undefined;
  const parsed = line.safeParse(event);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw foreign(
    file,
    number,
    `is no ${show(kind)} event as rxaug writes it (${issue.path.join('.') || kind})`,
  );
}

function foreign(file: string, number: number, what: string): RxaugError {
  return new RxaugError(`${file}: line ${number} ${what}; give a log of rxaug run or of jsonl()`);
}
