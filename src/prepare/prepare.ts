/** A whole preparation: scan, plan, shards, and the files that describe them. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../core/children/pool.js';
import { faultPoint } from '../core/fault-point.js';
import { lockFolder } from '../core/files/folder-lock.js';
import { makeFolder } from '../core/files/make-folder.js';
import { UsageError } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';
import { openStore } from '../io/store/open-store.js';
import type { Store } from '../io/store/store.js';
import type { OutputSchema } from '../io/write/output.js';
import { checkApart } from './apart.js';
import { checkSource, needsPixels } from './check-source.js';
import type { Done } from './commit.js';
import { type PrepareDefinition, type Prepared, prepared, type Rules } from './definition.js';
import { rulesBefore } from './filters.js';
import { finish } from './finish/finish.js';
import type { Manifest } from './finish/manifest.js';
import { checkGenerable, keepModels, probed } from './generate/before-plan.js';
import type { GeneratedCopies } from './generate/rules.js';
import { nearDuplicates } from './near/near-duplicates.js';
import { clearStaging, isLocal, stagingIn, sweepStaging } from './places.js';
import { checkSame } from './plan/check-same.js';
import { type Generation, isFinished, nextGeneration } from './plan/generation.js';
import { type Kept, keep } from './plan/kept.js';
import { PLAN, type Plan, scanFile } from './plan/plan.js';
import { planAll } from './plan/planning.js';
import { MEMORY, type PrepareEvents, type Processes } from './processes.js';
import { shardProgress } from './progress.js';
import { renderAll } from './render/render-all.js';
import { type ScanHead, scanLines } from './scan/checked-lines.js';
import { endScan } from './scan/end-scan.js';
import type { ScanLine } from './scan/facts.js';
import { type ScanTask, scan } from './scan/scan.js';
import { schemaOf } from './schema-of.js';
import { scorersOf, tryModels } from './score/before-scan.js';
import { type Scorer, scoreHeads } from './score/scoring.js';
import { sourceDigest } from './source-digest.js';
import { versions } from './versions.js';
import { type PrepareInit, type PrepareResult, type PrepareTask, readPlan } from './work.js';

export interface PrepareOptions extends PrepareEvents, Processes {
  /** Name of the pipeline. */
  readonly name: string;
  /** Folder, or URL of an object store. */
  readonly out: string;
  /** Local folder for the scan and for what is not finished. Default: `.rxaug` in the output, where that is local. */
  readonly work?: string;
  readonly resume: boolean;
  readonly seed: number;
  /** Megabytes that a process may hold, part of the plan. Default: that of the plan that is there, or `MEMORY`. */
  readonly memory?: number;
  readonly signal: AbortSignal;
  /** Add images that are new to a finished data set. */
  readonly append?: boolean;
  /** Add those alone that were refused for a reason that may pass. */
  readonly retryRefused?: boolean;
  /** Write the plan, and no shard. */
  readonly planOnly?: boolean;
  /** Renders the shards, in place of the pool here: over a queue of jobs. */
  readonly elsewhere?: (plan: Plan, store: Store) => Promise<Done[]>;
}

/** Plans and renders; returns the manifest, or undefined where a plan was all that was asked for. */
export async function prepare(
  definition: PrepareDefinition,
  options: PrepareOptions,
): Promise<Manifest | undefined> {
  const checked = prepared(definition);
  const source = Promise.resolve(definition.source);
  source.catch(() => undefined); // reported where it is awaited
  const work = options.work ?? join(localPart(options.out), '.rxaug');
  const store = await openStore(options.out);
  try {
    return await prepareIn(store, work, source, checked, options);
  } finally {
    store.dispose();
  }
}

async function prepareIn(
  store: Store,
  work: string,
  opening: Promise<OpenedDataset>,
  checked: Prepared,
  options: PrepareOptions,
): Promise<Manifest | undefined> {
  const { out, resume, signal, notice } = options;
  checkFresh(
    store.name,
    isLocal(out),
    resume || (options.append ?? false) || (options.retryRefused ?? false),
  );
  // Before anything is written: a path with a typing error leaves no folder that must be continued.
  const source = await opening;
  const scorers = scorersOf(checked.filters, source);
  if (isLocal(out)) checkApart(source, store.name);
  const generator = await triedModels(store, source, checked, scorers, options);
  makeFolder(work);
  using lock = lockFolder(work, 'prepare');
  const staging = stagingIn(work);
  sweepStaging(work);
  const before = rulesBefore(checked.filters);
  const init: PrepareInit = { out, staging, ...(scorers.length > 0 && { scorers, before }) };
  const there = (await store.stat(PLAN)) ? await readPlan(store) : undefined;
  const memory = options.memory ?? there?.memory ?? MEMORY;
  const pool = options.pool(init, memory);
  let isolated: Pool<PrepareTask, PrepareResult> | undefined;
  const alone = () => (isolated ??= options.isolated(init, memory));
  try {
    const scanning = { ...options, memory, store, work, pool, scorers, generator };
    const plan = await planFor(source, checked, there, scanning);
    if (options.planOnly) return undefined;
    if (options.elsewhere) await pool.dispose();
    const marks = options.elsewhere
      ? await options.elsewhere(plan, store)
      : await renderAll({
          ...{ plan, store, pool, isolated: alone, signal, notice },
          shards: plan.shards.map((_, i) => i),
          mayWrite: () => lock.isStillOurs(),
          progress: shardProgress(plan.shards, options.status),
        });
    faultPoint('rendered');
    // Of writers that were killed: temporary files in folders into which nothing was written since, and open uploads.
    const { left } = await store.tidy(marks.flatMap(({ files }) => files));
    if (left) notice(left);
    const manifest = await finish({
      ...{ plan, done: marks, store, staging, format: checked.format },
      status: options.status,
    });
    // What workers that were killed have left.
    clearStaging(work);
    return manifest;
  } finally {
    await pool.dispose();
    await isolated?.dispose();
    rmSync(staging, { recursive: true, force: true });
  }
}

function localPart(out: string): string {
  if (isLocal(out)) return out;
  throw new UsageError(
    `prepare: the output ${out} is not local, so the scan needs a folder here; give one by --work`,
  );
}

/** A folder that holds something else is not written into. */
function checkFresh(name: string, local: boolean, resume: boolean): void {
  if (!local || !existsSync(name)) return;
  if (!statSync(name).isDirectory())
    throw new UsageError(`prepare: the output '${name}' is a file; choose a folder`);
  const there = readdirSync(name).filter((file) => !file.startsWith('.rxaug-'));
  if (there.length === 0) return;
  if (!there.includes('.rxaug'))
    throw new UsageError(`prepare: '${name}' is not empty and holds no preparation; choose another folder`);
  if (!resume)
    throw new UsageError(
      `prepare: '${name}' holds a preparation; continue it with --resume, add new images with --append, or choose another folder`,
    );
}

interface Scanning extends Omit<PrepareOptions, 'pool'> {
  readonly store: Store;
  readonly work: string;
  readonly memory: number;
  readonly pool: Pool<PrepareTask, PrepareResult>;
  readonly scorers: readonly Scorer[];
  readonly generator: Plan['generator'];
}

/** Runs the models once where a scan is to come, which may take hours; what the plan notes of generative ones. */
async function triedModels(
  store: Store,
  source: OpenedDataset,
  checked: Prepared,
  scorers: readonly Scorer[],
  options: PrepareOptions,
): Promise<Plan['generator']> {
  const { generate, rules } = checked;
  const { name, seed, notice, status, append, retryRefused } = options;
  if (scorers.length === 0 && !generate) return undefined;
  if ((await store.stat(PLAN)) && !append && !retryRefused) return undefined;
  // An empty source has no image to try.
  const schema = checkSource(source, checked, name, () => undefined);
  status('trying the models', 0);
  await tryModels(scorers, source);
  return generate && probedModels(generate, source, schema, { notice, seed, size: rules.size });
}

/** The plan that is there and is what was asked for, or a new one, which may add to what is there. */
async function planFor(
  source: OpenedDataset,
  checked: Prepared,
  there: Plan | undefined,
  options: Scanning,
): Promise<Plan> {
  const { store, append, retryRefused, notice } = options;
  const adds = append || retryRefused;
  if (!there) {
    if (adds) throw new UsageError(`prepare: ${store.name} holds no data set to add to; leave --append out`);
    return (await scanned(source, checked, options)) as Plan;
  }
  const grows = adds && (await isFinished(store, there));
  const { name, seed, memory } = options;
  const images = grows ? undefined : source.length;
  await checkSame(there, store.name, {
    name,
    seed,
    memory,
    images,
    rules: checked.rules,
    schema: schemaOf(source, name),
  });
  if (!grows) return there;
  const generation = await nextGeneration(store, there, retryRefused ?? false);
  const plan = await scanned(source, checked, options, generation);
  if (!plan) notice('there is nothing new');
  return plan ?? there;
}

/** Scans and plans; undefined where a generation would hold nothing. */
async function scanned(
  source: OpenedDataset,
  checked: Prepared,
  options: Scanning,
  generation?: Generation,
): Promise<Plan | undefined> {
  const { status, signal, notice, name, seed, memory, store, work, pool, scorers, generator } = options;
  const schema = checkSource(source, checked, name, notice);
  const pixels = needsPixels(checked);
  const before = rulesBefore(checked.filters);
  const head: ScanHead = {
    ...{ scan: 2, source: sourceDigest(source), images: source.length, pixels, memory },
    ...(scorers.length > 0 && { scores: scoreHeads(scorers) }),
    ...(before.length > 0 && { before }),
  };
  const file = join(work, scanFile(generation?.number ?? 0));
  const total = source.length;
  try {
    await scan(source, {
      ...{ file, head, signal, notice },
      pool: pool as unknown as Pool<ScanTask, readonly ScanLine[]>,
      progress: (done, refused) =>
        status(
          `scan: ${done} of ${total} images${refused > 0 ? `, ${refused} cannot be used` : ''}`,
          done / total,
          { images: done, allImages: total, unreadable: refused },
        ),
    });
  } finally {
    await endScan(pool, scorers);
  }
  faultPoint('scanned');
  const kept = keep(source, scanLines(file, head), checked.filters, pixels, generation);
  if (kept.fresh > 0)
    notice(
      `${kept.fresh} images are new, and only those that were refused are tried again; --append adds them`,
    );
  status(`plan: ${kept.columns.length} images`, 0);
  if (checked.generate) await keepModels(store, checked.generate);
  const plan = await planAll({
    ...{ name, source, kept, prepared: checked, schema, seed, memory, store, signal, generation, notice },
    scanned: await digestOf(file),
    versions: await versions(),
    generator,
    near: checked.rules.nearDuplicates === 'ignore' ? undefined : await nearGroups(kept, options),
    progress: (line, share) => status(`plan: ${line}`, share),
  });
  // The next attempt looks again at what was refused for a reason that may pass.
  if (!plan && kept.leftOut.some(({ passing }) => passing)) rmSync(file);
  return plan;
}

/** What the plan notes of generative models; a notice says where their images will be enlarged. */
async function probedModels(
  generate: GeneratedCopies,
  source: OpenedDataset,
  schema: OutputSchema,
  { notice, seed, size }: Pick<Scanning, 'notice' | 'seed'> & { readonly size: Rules['size'] },
): Promise<Plan['generator']> {
  checkGenerable(generate.rules, source, schema);
  const { width, height, ...about } = await probed(generate, source, seed);
  const [h, w] = typeof size === 'object' ? size : [size ?? height, size ?? width];
  if (height < h || width < w)
    notice(`generated images have ${height}×${width} pixels and are enlarged to ${h}×${w} (height × width)`);
  return about;
}

/** The group of each image; what the search for them could not compare is told. */
async function nearGroups(
  { columns, looks }: Kept,
  { status, notice, signal }: Pick<PrepareOptions, 'status' | 'notice' | 'signal'>,
): Promise<Uint32Array> {
  const { length } = columns;
  const rows = {
    length,
    key: (i: number) => columns.sha256(i),
    thumbnail: (i: number) => looks.at(i),
  };
  const progress = (done: number) => status(`near-duplicates: ${done} of ${length} images`, done / length);
  const { group, featureless, crowded, cut } = await nearDuplicates(rows, {}, { signal, progress });
  if (featureless.length > 0)
    notice(
      `images that are almost uniform, so that near-duplicates of them are found by equal bytes alone: ${featureless.length}`,
    );
  if (crowded.length > 0)
    notice(`images that look like so many others that only the nearest were compared: ${crowded.length}`);
  if (cut.length > 0)
    notice(
      `pairs that look alike and are left in different groups, for joined they would have made one long chain: ${cut.length}`,
    );
  return group;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}
