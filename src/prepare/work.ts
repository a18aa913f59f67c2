/** What a child process does of a preparation: looks at images, renders shards, tries single samples. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineFromJson } from '../augment/index.js';
import type { Work } from '../core/children/pool.js';
import { faultPoint } from '../core/fault-point.js';
import { makeFolder } from '../core/files/make-folder.js';
import { BadSampleError, RxaugError, UsageError } from '../core/index.js';
import { openStore } from '../io/store/open-store.js';
import type { Store } from '../io/store/store.js';
import { formatNamed } from '../io/write/formats.js';
import type { OutputFormat } from '../io/write/output.js';
import { commitShard, type Done, isDone } from './commit.js';
import type { FilterRule } from './filters.js';
import type { ImageMaker, ModelSources } from './generate/image-maker.js';
import { PLAN, type Plan, type PlanRow, parsePlan, shardName } from './plan/plan.js';
import { poisonOf, rowsOf } from './plan/rows.js';
import { renderShard } from './render/render-shard.js';
import { SampleMaker } from './render/sample.js';
import type { ScanItem, ScanLine } from './scan/facts.js';
import { ImageScanner } from './scan/image-scanner.js';
import type { ScanTask } from './scan/scan.js';
import type { Scorer } from './score/scoring.js';

/** The first message to a child. */
export interface PrepareInit {
  /** Folder or URL of the output. */
  readonly out: string;
  /** Folder for files that are not finished, on the disk of the output if that is local. */
  readonly staging: string;
  /** Models that score the images of a scan. */
  readonly scorers?: readonly Scorer[];
  /** Filters whose images are not scored. */
  readonly before?: readonly FilterRule[];
}

export type PrepareTask =
  | ScanTask
  /** No image is scanned any more: ends the processes of models. */
  | { readonly kind: 'scanned' }
  /** `plan` is its digest: another plan in the folder is refused. */
  | { readonly kind: 'shard'; readonly plan: string; readonly shard: number }
  /** Renders one row of a shard and keeps nothing: whether it ends the process is the question. */
  | { readonly kind: 'try'; readonly plan: string; readonly shard: number; readonly row: number }
  /** Renders rows without a plan and keeps nothing: how large they are is the question. */
  | { readonly kind: 'measure'; readonly rows: readonly PlanRow[]; readonly with: Unplanned };

/** What rendering needs to know where there is no plan yet. */
export type Unplanned = Pick<Plan, 'rules' | 'seed' | 'schema'> & {
  /** Paths of the generative models, where there are some, and the deviation of their codes. */
  readonly models?: ModelSources;
  readonly deviation?: readonly number[];
};

/** Bytes of the encoded images; `refused` could not be made. */
export interface MeasuredRows {
  readonly samples: number;
  readonly bytes: number;
  readonly refused: number;
}

export type PrepareResult = readonly ScanLine[] | Done | 'fine' | MeasuredRows;

export function prepareWork({
  out,
  staging,
  scorers,
  before,
}: PrepareInit): Work<PrepareTask, PrepareResult> {
  const scanners = new Map<boolean, ImageScanner>();
  let opened: Promise<Opened> | undefined;
  /** The generative model of a dry run. */
  let measuring: Promise<ImageMaker | undefined> | undefined;
  const work: Work<PrepareTask, PrepareResult> = async (task, { signal, progress }) => {
    if (task.kind === 'scan') {
      const scanner = scanners.get(task.pixels) ?? new ImageScanner(task.pixels, scorers, before);
      scanners.set(task.pixels, scanner);
      return scanAll(scanner, task.items, signal);
    }
    if (task.kind === 'scanned') {
      for (const scanner of scanners.values()) await scanner.rest();
      return 'fine';
    }
    if (task.kind === 'measure') {
      measuring ??= unplannedGenerator(task.with);
      return measureRows(task.rows, await makerOf(task.with, await measuring), signal);
    }
    opened ??= open(out);
    const { plan, store, maker, format } = await opened;
    if (plan.digest !== task.plan)
      throw new UsageError(
        `prepare: ${store.name} holds the plan ${plan.digest.slice(0, 12)} and not ${task.plan.slice(0, 12)}; start again, with one plan for all`,
      );
    const shard = plan.shards[task.shard];
    if (!shard)
      throw new RxaugError(
        `prepare: the plan has ${plan.shards.length} shards and no number ${task.shard}; start again`,
      );
    const rows = await rowsOf(store, shard);
    if (task.kind === 'try') {
      const row = rows[task.row];
      if (!row)
        throw new RxaugError(`prepare: shard ${shardName(shard)} has no row ${task.row}; start again`);
      await maker.make(row).catch(() => undefined);
      return 'fine';
    }
    const finished = await isDone(store, plan, shard);
    if (finished) return finished;
    makeFolder(staging);
    const dir = mkdtempSync(join(staging, `${shardName(shard)}-`));
    try {
      const count = plan.splits[shard.split]?.shards ?? 0;
      const rendered = await renderShard({
        rows,
        place: { dir, split: shard.split, index: shard.index, count },
        schema: plan.schema,
        format,
        maker,
        poison: await poisonOf(store, shard),
        signal,
        progress: seldom((samples) => progress('', samples)),
      });
      faultPoint('staged');
      return await commitShard(store, plan, shard, dir, rendered);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  };
  const dispose = async () => {
    for (const scanner of scanners.values()) await scanner.rest();
    const there = await opened?.catch(() => undefined);
    await there?.generator?.dispose();
    await (await measuring?.catch(() => undefined))?.dispose();
  };
  return Object.assign(work, { dispose });
}

/** Images one after another; while models score one, the next is decoded. */
async function scanAll(
  scanner: ImageScanner,
  items: readonly ScanItem[],
  signal: AbortSignal,
): Promise<readonly ScanLine[] | undefined> {
  const lines: ScanLine[] = [];
  let before: Promise<ScanLine> | undefined;
  for (const item of items) {
    if (signal.aborted) return undefined;
    const { line } = await scanner.begin(item);
    if (before) lines.push(await before);
    before = line;
  }
  if (before) lines.push(await before);
  return lines;
}

/** Milliseconds between two messages of progress: one a sample would be a tenth of the work on small images. */
const BETWEEN = 100;

function seldom(tell: (samples: number) => void): (samples: number) => void {
  let told = Number.NEGATIVE_INFINITY;
  return (samples) => {
    const now = performance.now();
    if (now - told < BETWEEN) return;
    told = now;
    tell(samples);
  };
}

interface Opened {
  readonly plan: Plan;
  readonly store: Store;
  readonly maker: SampleMaker;
  readonly generator?: ImageMaker;
  readonly format: OutputFormat;
}

async function open(out: string): Promise<Opened> {
  const store = await openStore(out);
  const plan = await readPlan(store);
  const { generate } = plan.rules;
  const generator =
    generate &&
    (await (await import('./generate/before-plan.js')).storedMaker(store, generate, plan.generator));
  return {
    plan,
    store,
    generator,
    maker: await makerOf(plan, generator),
    format: formatNamed(plan.rules.format),
  };
}

/** For rows without a plan: the model is where the pipeline has it. */
async function unplannedGenerator({ rules, models, deviation }: Unplanned): Promise<ImageMaker | undefined> {
  if (!rules.generate || !models) return undefined;
  const { ImageMaker } = await import('./generate/image-maker.js');
  return ImageMaker.open(rules.generate, models, deviation);
}

async function measureRows(
  rows: readonly PlanRow[],
  maker: SampleMaker,
  signal: AbortSignal,
): Promise<MeasuredRows | undefined> {
  let [samples, bytes, refused] = [0, 0, 0];
  try {
    for (const row of rows) {
      if (signal.aborted) return undefined;
      try {
        bytes += (await maker.make(row)).sample.image.bytes.length;
        samples++;
      } catch (error) {
        if (!(error instanceof BadSampleError)) throw error;
        refused++;
      }
    }
    return { samples, bytes, refused };
  } finally {
    maker.dispose();
  }
}

async function makerOf({ rules, seed, schema }: Unplanned, generator?: ImageMaker): Promise<SampleMaker> {
  const { transforms } = pipelineFromJson(rules.transforms);
  const { classes, labels } = schema;
  return SampleMaker.create({ rules, transforms, seed, classes, labels }, generator);
}

export async function readPlan(store: Store): Promise<Plan> {
  if (!(await store.stat(PLAN)))
    throw new UsageError(
      `${store.name}: there is no plan of a preparation; give the folder that rxaug prepare wrote`,
    );
  return parsePlan(Buffer.from(await store.read(PLAN)).toString('utf8'), `${store.name}/${PLAN}`);
}
