/** A search from its plan to its result, resumable at every moment. */
import { join } from 'node:path';
import { childPool, localPool, type Pool } from '../core/children/pool.js';
import { lockFolder } from '../core/files/folder-lock.js';
import { replaceFile } from '../core/files/write-file.js';
import { Draws, fold, keyOf, tag, UsageError } from '../core/index.js';
import { toJson } from '../core/json.js';
import type { BackendRequest } from '../train/backends/backend.js';
import { controlNames, controlTask, FOUND } from './arms.js';
import { checkProblem, rehearse } from './check-problem.js';
import { Clock } from './clock.js';
import { type ProblemData, problemData } from './data/splits.js';
import { storeData } from './data/store.js';
import { driveSearch } from './drive.js';
import { type Fence, fenceOf } from './fence.js';
import { checkSame, digestOf, identityOf, type Plan, readPlan } from './plan.js';
import { costOf, planned } from './planning.js';
import type { SearchProblem } from './problem.js';
import type { SearchResult, SearchRun } from './result.js';
import { trainArms } from './rounds.js';
import { spaceFor } from './space/search-space.js';
import type { Strategy } from './strategies/strategy.js';
import { folders, type Result, type Task, workOf } from './tasks.js';
import { worthOf } from './worth.js';

export interface SearchOptions {
  /** Its name, and a strategy made anew for each process. */
  readonly strategy: { readonly name: string; readonly make: () => Strategy };
  /** Seconds in all. */
  readonly budget: number;
  /** Folder of plan, journal, checkpoints and result. */
  readonly out: string;
  /** Continues the search in `out`, which must be about the same; else a search that is there is refused. */
  readonly resume?: boolean;
  readonly seed?: number;
  /** At most so many trainings of each arm; default as many as the budget has time for, up to 30. */
  readonly pairs?: number;
  /** Its name in the result. */
  readonly pipeline?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Child processes that do the work: a module that calls `serveTasks`, and its first message. Absent: everything is done in
   * this process, one task after another; figures may then differ in the last digits, as the library uses more threads.
   */
  readonly children?: { readonly module: URL; readonly init: unknown; readonly workers: number };
  /**
   * Has trainings done by other machines: makes the pool of all tasks from the pool of this machine. While it waits for
   * workers, before there is a plan, the clock of the budget is stopped.
   */
  readonly elsewhere?: (given: Elsewhere) => Promise<Pool<Task, Result>>;
  readonly backend?: BackendRequest;
  readonly signal?: AbortSignal;
  /** One line, for a log; also what child processes write to stdout and stderr, behind the name of their task. */
  readonly log?: (line: string) => void;
  /** What is being done, the share of it that is done, and the seconds that are left in all. */
  readonly status?: (line: string, share: number, left: number) => void;
}

/** What `elsewhere` receives. */
export interface Elsewhere {
  /** What determines policies and figures. */
  readonly identity: Plan['identity'];
  readonly here: Pool<Task, Result>;
  /** Whether there is a plan, which sets the number of trainings; if not, workers are counted for it. */
  readonly planned: boolean;
  readonly fence: Fence;
}

/** Seconds before the end at which no round begins any more; see `divide`. */
const reserve = (budget: number) => Math.max(3, 0.02 * budget);
/** A search may take so much more than planned before it is cut. */
const OVERDUE = 1.2;

/**
 * Searches for a policy and compares it with its controls. First it measures what a training costs and writes down a plan,
 * which keeps to the budget; then it does the plan piece by piece, each once, over any number of interruptions: the same
 * seed gives the same policies and figures. `result.json` in `out` is what it returns.
 *
 * Only one process at a time searches in a folder. A training that diverges counts as the worst score, or as a training
 * without figures, and is named in `notes`.
 *
 * @throws UsageError before anything is trained: for a problem that cannot be searched, a budget that is too small, and a
 * folder that holds another search or that another process works in; an AbortError once the signal came
 *
 * @example
 * // What `rxaug search` does with the problem of a pipeline, in one process.
 * const searched = (problem: SearchProblem) =>
 *   search(problem, {
 *     strategy: { name: 'strength', make: () => strength() },
 *     budget: 600,
 *     out: 'runs/found',
 *     log: console.log,
 *   });
 */
export async function search(given: SearchProblem, options: SearchOptions): Promise<SearchResult> {
  const { out, budget, seed = 0, pairs, strategy, log = () => {}, children } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { space, leftOut } = spaceFor(given.space, given.channels);
  const problem = { ...given, space };
  checkProblem(problem);
  using lock = lockFolder(out, 'search');
  const fence = fenceOf(lock, out);
  const file = join(out, 'plan.json');
  const kept = readPlan(file);
  if (kept && !options.resume)
    throw new UsageError(
      `${out}: holds a search; continue it with --resume, or give another folder with --out`,
    );
  const identity = {
    pipeline: options.pipeline ?? 'search',
    strategy: strategy.name,
    strategyOptions: strategy.make().options ?? {},
    seed,
    budget,
    settings: options.settings ?? {},
  };
  const began = performance.now();
  const data = withNotes(await problemData(problem, { seed, signal }), leftOut);
  const about = identityOf(problem, data, identity);
  if (kept) checkSame(file, kept.identity, about);
  else if (options.resume) log(`there is no search in ${out}; it begins anew`);
  if (!kept) await rehearse(problem, data.search);
  for (const note of data.notes) log(note);
  fence();
  storeData(folders(out).data, data);
  const prepared = (performance.now() - began) / 1000;
  const here: Pool<Task, Result> = children
    ? childPool({ ...children, args: [out], signal, notice: log, output: log })
    : localPool(workOf({ problem, data, strategy: strategy.make(), seed, backend: options.backend }), signal);
  let pool = here;
  try {
    if (options.elsewhere)
      pool = await options.elsewhere({ identity: about, here, planned: kept !== undefined, fence });
    using clock = new Clock(join(out, 'seconds.txt'), lock, prepared);
    const plan =
      kept ??
      (await planned({
        ...{ problem, data, pool, file, clock, about, signal, budget, pairs, log, fence },
        ...(pool !== here && { here: here.workers }),
      }));
    log(costOf(plan, problem, data, budget));
    const result = await carriedOut({
      problem,
      data,
      pool,
      plan,
      clock,
      signal,
      log,
      fence,
      options: { ...options, seed },
    });
    fence();
    replaceFile(join(out, 'result.json'), `${toJson(result, 2)}\n`);
    return result;
  } finally {
    if (pool !== here) await pool.dispose();
    await here.dispose();
  }
}

/** Reports ops that do not take the images. */
function withNotes(data: ProblemData, leftOut: readonly string[]): ProblemData {
  if (leftOut.length === 0) return data;
  const note = `space: ${leftOut.join(', ')} cannot take images of one channel and ${leftOut.length === 1 ? 'was' : 'were'} left out`;
  return { ...data, notes: [...data.notes, note] };
}

interface Carrying {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly pool: Pool<Task, Result>;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly fence: Fence;
  readonly options: SearchOptions & { readonly seed: number };
}

async function carriedOut(carrying: Carrying): Promise<SearchResult> {
  const { problem, data, pool, plan, clock, signal, log, fence, options } = carrying;
  const { budget, seed, out } = options;
  const notes = [...data.notes];
  const note = (sentence: string) => {
    notes.push(sentence);
    log(sentence);
  };
  const status = (line: string, share: number) =>
    options.status?.(line, share, Math.max(0, budget - clock.seconds));
  const searches = await searched(carrying, note, status);
  const { cost } = plan;
  const dir = folders(out).worth;
  const worth =
    plan.worthSeconds > 0
      ? await worthOf(searches, { pool, space: problem.space, dir, cost, budget, fence, note, status })
      : [];
  if (!worth) throw stopped(signal);
  if (plan.worthSeconds === 0)
    note('what each op is worth was not measured: it would have taken more than a tenth of the budget');
  const names = controlNames(problem);
  const arms = await trainArms({
    pool,
    dir: folders(out).trials,
    arms: (pair) => [
      ...searches.map(({ policy }, i) => ({ name: FOUND, policy, search: i })),
      ...names.map((name) => controlTask(problem, name, seed, pair)),
    ],
    planned: plan.pairs,
    most: plan.most,
    roundSeconds: plan.roundSeconds,
    left: () => ({
      planned: 1.03 * budget - clock.seconds,
      more: budget - reserve(budget) - clock.seconds,
    }),
    fence,
    note,
    status,
  });
  if (!arms) throw stopped(signal);
  return {
    pipeline: options.pipeline ?? 'search',
    strategy: options.strategy.name,
    seed,
    settings: options.settings ?? {},
    seconds: clock.seconds,
    budget,
    classes: data.train.classes,
    splits: {
      train: digestOf(data.train),
      search: digestOf(data.search),
      heldOut: digestOf(data.heldOut),
      test: digestOf(data.test),
    },
    searches,
    arms,
    worth,
    notes,
  };
}

/** Searches of one seed share nothing with those of another. */
const searchSeed = (seed: number, nth: number) => new Draws(fold(keyOf(seed), tag('search-run'), nth)).u32();

type Note = (sentence: string) => void;
type Status = (line: string, share: number) => void;

/** All searches, side by side. */
async function searched(
  { pool, plan, clock, signal, fence, options }: Carrying,
  note: Note,
  status: Status,
): Promise<SearchRun[]> {
  const { strategy, seed, out } = options;
  const { searches, searchSeconds, cost, workers, here = workers } = plan;
  const together = strategy.make().score.setup !== undefined;
  const secondsAlone = searchSeconds * Math.min(1, here / searches);
  // Scores that are computed in one place have one of the workers; others share all of them.
  const seconds = together ? secondsAlone / workers : searchSeconds / searches;
  const runs = await Promise.all(
    Array.from({ length: searches }, (_, i) =>
      driveSearch({
        pool,
        of: { seed: searchSeed(seed, i), seconds, secondsAlone, cost, dir: folders(out).search(i) },
        nth: i + 1,
        together,
        overdue: () => clock.seconds > plan.elapsed + OVERDUE * searchSeconds + 0.01 * options.budget,
        fence,
        note,
        status,
      }),
    ),
  );
  if (runs.includes(undefined)) throw stopped(signal);
  return runs as SearchRun[];
}

const stopped = (signal: AbortSignal): unknown => signal.reason ?? new DOMException('stopped', 'AbortError');
