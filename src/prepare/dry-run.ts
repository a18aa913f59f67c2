/** What a preparation would cost: a sample of its images is scanned and rendered, and nothing is written. */
import os from 'node:os';
import { join } from 'node:path';
import type { Pool } from '../core/children/pool.js';
import { keyOf, permuted } from '../core/index.js';
import type { OpenedDataset } from '../io/index.js';
import { checkSource, needsPixels } from './check-source.js';
import { type PrepareDefinition, prepared, type Rules } from './definition.js';
import { refusedBy, rulesBefore } from './filters.js';
import { checkGenerable, probed, sourcesOf } from './generate/before-plan.js';
import { generatedRow } from './generate/generated-row.js';
import type { PlanRow } from './plan/plan.js';
import { MEMORY, type PrepareEvents, type Processes } from './processes.js';
import { endScan } from './scan/end-scan.js';
import { type Facts, isRefused, type ScanLine, scanItem } from './scan/facts.js';
import { scorersOf, tryModels } from './score/before-scan.js';
import type { MeasuredRows, PrepareResult, PrepareTask } from './work.js';

/** Images that are scanned, and of those the ones that are rendered. */
const SCANNED = 1000;
const RENDERED = 200;
const CHUNK = 20;

export interface Estimate {
  readonly images: number;
  /** Images that were scanned for this. */
  readonly looked: number;
  /** Images that the scan and the filters would keep. Near-duplicates are not looked for. */
  readonly kept: number;
  /** Of those scanned, by what left them out; 'not rendered' of those that were rendered. */
  readonly refused: Readonly<Record<string, number>>;
  readonly samples: number;
  /** Of encoded images. */
  readonly bytes: number;
  /** With as many processes as were used. */
  readonly seconds: number;
  readonly coreHours: number;
}

export interface DryRun extends PrepareEvents, Pick<Processes, 'pool'> {
  readonly name: string;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Megabytes of a process. Default `MEMORY`. */
  readonly memory?: number;
}

export async function dryRun(definition: PrepareDefinition, options: DryRun): Promise<Estimate> {
  const { signal, seed, name, status, notice } = options;
  const checked = prepared(definition);
  const { rules, filters, generate } = checked;
  const source = await definition.source;
  const schema = checkSource(source, checked, name, notice);
  const scorers = scorersOf(filters, source);
  await tryModels(scorers, source);
  if (generate) checkGenerable(generate.rules, source, schema);
  const models = generate && {
    models: sourcesOf(generate),
    deviation: (await probed(generate, source, seed)).deviation,
  };
  const none = join(os.tmpdir(), 'rxaug-dry-run');
  const init = {
    out: none,
    staging: none,
    ...(scorers.length > 0 && { scorers, before: rulesBefore(filters) }),
  };
  const pool = options.pool(init, options.memory ?? MEMORY);
  try {
    const looked = Math.min(SCANNED, source.length);
    const places = Array.from({ length: looked }, (_, i) => permuted(keyOf(seed), source.length, i));
    const pixels = needsPixels(checked);
    const items = places.map((index) => scanItem(source, index));
    await warm(pool);
    const scan = await timed(
      pool,
      items,
      (some) => ({ kind: 'scan', pixels, items: some }),
      (share) => status(`scan: ${Math.round(share * looked)} of ${looked} images`, share),
    );
    await endScan(pool, scorers);
    const refused: Record<string, number> = {};
    const kept: Facts[] = [];
    for (const line of scan.results.flat() as ScanLine[]) {
      const by = isRefused(line) ? 'unreadable' : refusedBy(filters, line)?.filter;
      if (by === undefined) kept.push(line as Facts);
      else refused[by] = (refused[by] ?? 0) + 1;
    }
    const rows = kept
      .slice(0, RENDERED)
      .map((facts, i) => generatedRow(rowOf(source, facts, i, rules), rules, seed));
    const unplanned = { rules, seed, schema, ...models };
    const render = await timed(
      pool,
      rows,
      (some) => ({ kind: 'measure', rows: some, with: unplanned }),
      (share) => status(`render: ${Math.round(share * rows.length)} of ${rows.length} samples`, share),
    );
    signal.throwIfAborted();
    const made = (render.results as MeasuredRows[]).reduce(
      (sum, one) => ({
        samples: sum.samples + one.samples,
        bytes: sum.bytes + one.bytes,
        refused: sum.refused + one.refused,
      }),
      { samples: 0, bytes: 0, refused: 0 },
    );
    if (made.refused > 0) refused['not rendered'] = made.refused;
    const keptShare = kept.length / looked;
    const samples = Math.round(samplesOf(source, rules, keptShare));
    const seconds =
      (scan.seconds / looked) * source.length + (render.seconds / Math.max(1, rows.length)) * samples;
    return {
      images: source.length,
      looked,
      kept: Math.round(keptShare * source.length),
      refused,
      samples,
      bytes: Math.round((made.bytes / Math.max(1, made.samples)) * samples),
      seconds,
      coreHours: (seconds * pool.workers) / 3600,
    };
  } finally {
    await pool.dispose();
  }
}

type Children = Pool<PrepareTask, PrepareResult>;

/** Starts the processes: their start is no part of what an image costs. */
async function warm(pool: Children): Promise<void> {
  const nothing = { kind: 'scan', pixels: false, items: [] } as const;
  await Promise.all(Array.from({ length: pool.workers }, () => pool.run(nothing, { name: 'start' })));
}

async function timed<T>(
  pool: Children,
  all: readonly T[],
  task: (some: readonly T[]) => PrepareTask,
  progress: (share: number) => void,
): Promise<{ readonly results: readonly PrepareResult[]; readonly seconds: number }> {
  const begun = performance.now();
  let done = 0;
  const chunks = Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, c) =>
    all.slice(c * CHUNK, (c + 1) * CHUNK),
  );
  const results = await Promise.all(
    chunks.map(async (some, c) => {
      const result = await pool.run(task(some), { name: `part ${c + 1}` });
      done += some.length;
      progress(done / all.length);
      return result;
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  return { results: results.filter((result) => result !== undefined), seconds };
}

/** Of `copies` samples of an image one is not augmented: the same share of the rows here. */
function rowOf(source: OpenedDataset, facts: Facts, i: number, { copies, keepOriginal }: Rules): PlanRow {
  const { id, image, label, targets } = source.item(facts.index);
  const { sha256, masks, width, height, format, plain } = facts;
  const augmented = !(keepOriginal && i % copies === 0);
  return {
    key: `row-${i}`,
    ...{ id, image, sha256, width, height, format, plain, label, copy: i % copies, augmented },
    ...(masks && { masks }),
    ...(targets && { targets }),
  };
}

/** Samples by the shares of the splits and the counts of the classes. */
function samplesOf(
  source: OpenedDataset,
  { split, augmented, copies, balance }: Rules,
  keptShare: number,
): number {
  const counts = new Array<number>(source.classes.length).fill(0);
  let soft = 0;
  for (let i = 0; i < source.length; i++) {
    const { label } = source.item(i);
    if (typeof label === 'number') counts[label] = (counts[label] ?? 0) + 1;
    else soft++;
  }
  let total = 0;
  for (const [name, share] of Object.entries(split)) {
    const part = keptShare * share;
    if (!augmented.includes(name)) {
      total += part * source.length;
      continue;
    }
    const mine = counts.map((n) => n * part);
    const largest = Math.max(0, ...mine);
    const written = mine.map((n, c) => {
      const factor = balance.factors?.[source.classes[c] ?? ''];
      const to =
        balance.to === 'largest' ? largest : typeof balance.to === 'number' ? Math.max(n, balance.to) : n;
      return Math.min(factor === undefined ? (n > 0 ? to : 0) : factor * n, (balance.most ?? 1000) * n);
    });
    total += copies * (soft * part + written.reduce((sum, n) => sum + n, 0));
  }
  return total;
}
