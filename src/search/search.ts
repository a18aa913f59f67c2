/** A search from its plan to its result, resumable at every moment. */
import { join } from 'node:path';
import { replaceFile } from '../core/files/write-file.js';
import { Draws, fold, keyOf, showNames, tag, UsageError } from '../core/index.js';
import { toJson } from '../core/json.js';
import { duration, grouped } from '../report/format.js';
import { runStore } from '../report/index.js';
import type { BackendRequest } from '../train/backends/backend.js';
import { controlNames, controlTask, FOUND } from './arms.js';
import { divide, trainingSeconds } from './budget.js';
import { Clock } from './clock.js';
import { type ProblemData, problemData } from './data/splits.js';
import { storeData } from './data/store.js';
import { driveSearch } from './drive.js';
import { checkSame, digestOf, identityOf, type Plan, readPlan, writePlan } from './plan.js';
import type { SearchProblem } from './problem.js';
import type { OpWorth, SearchResult, SearchRun } from './result.js';
import { trainArms } from './rounds.js';
import { densityScorer } from './scorers/density.js';
import type { Cost, Strategy } from './strategies/strategy.js';
import { folders, type Result, type SearchTask, type Task, workOf } from './tasks.js';
import type { Speed } from './trial/measure.js';
import { childPool, localPool, type Pool } from './trial/pool.js';
import { meanWorth, opsIn, without } from './worth.js';

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
  /** Told in the result. */
  readonly pipeline?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Child processes that do the work: a module that calls `serveTasks`, and what it is told. Absent: everything is done in
   * this process, one task after another; figures may then differ in the last digits, as the library uses more threads.
   */
  readonly children?: { readonly module: URL; readonly init: unknown; readonly workers: number };
  readonly backend?: BackendRequest;
  readonly signal?: AbortSignal;
  /** One line, for a log. */
  readonly log?: (line: string) => void;
  /** What is being done, the share of it that is done, and the seconds that are left in all. */
  readonly status?: (line: string, share: number, left: number) => void;
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
 * @throws UsageError before anything is trained: for a problem that cannot be searched, a budget that is too small, and a
 * folder that holds another search; an AbortError once the signal came
 */
export async function search(problem: SearchProblem, options: SearchOptions): Promise<SearchResult> {
  const { out, budget, seed = 0, strategy, log = () => {}, children } = options;
  const signal = options.signal ?? new AbortController().signal;
  checkSpace(problem);
  const file = join(out, 'plan.json');
  const kept = readPlan(file);
  if (kept && !options.resume)
    throw new UsageError(
      `${out}: holds a search; continue it with --resume, or give another folder with --out`,
    );
  const identity = {
    pipeline: options.pipeline ?? 'search',
    strategy: strategy.name,
    seed,
    budget,
    settings: options.settings ?? {},
  };
  const began = performance.now();
  const data = await problemData(problem, { seed, signal });
  const about = identityOf(problem, data, identity);
  if (kept) checkSame(file, kept.identity, about);
  else if (options.resume) log(`there is no search in ${out}; it begins anew`);
  using clock = new Clock(join(out, 'seconds.txt'), (performance.now() - began) / 1000);
  for (const note of data.notes) log(note);
  storeData(folders(out).data, data);
  const pool: Pool<Task, Result> = children
    ? childPool({ ...children, signal, notice: log })
    : localPool(workOf({ problem, data, strategy: strategy.make(), seed, backend: options.backend }), signal);
  try {
    const plan = kept ?? (await planned({ problem, data, pool, file, clock, about, budget, signal }));
    log(costOf(plan, problem, data, budget));
    const result = await carriedOut({
      problem,
      data,
      pool,
      plan,
      clock,
      signal,
      log,
      options: { ...options, seed },
    });
    replaceFile(join(out, 'result.json'), `${toJson(result, 2)}\n`);
    return result;
  } finally {
    await pool.dispose();
  }
}

/** What can be said of the space before any image is read. */
function checkSpace({ space, channels }: SearchProblem): void {
  if (space.ops.length === 0)
    throw new UsageError('search: space: expected at least one op but none is left; allow an op');
  const unfit = space.ops.filter((op) => op.channels && !op.channels.includes(channels));
  if (unfit.length === 0) return;
  const names = showNames(unfit.map(({ name }) => name));
  throw new UsageError(
    `search: space: ${names} cannot take images of ${channels} channels; leave out what does not fit`,
  );
}

interface Planning {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly pool: Pool<Task, Result>;
  readonly file: string;
  readonly clock: Clock;
  readonly about: Plan['identity'];
  readonly budget: number;
  readonly signal: AbortSignal;
}

/** Measures with all workers at once, divides the budget, and writes the plan. */
async function planned({ problem, data, pool, file, clock, about, budget, signal }: Planning): Promise<Plan> {
  const each = await Promise.all(
    Array.from({ length: pool.workers }, (_, slot) =>
      pool.run({ kind: 'measure' }, { name: 'measuring', slot }),
    ),
  );
  signal.throwIfAborted();
  const mean = (field: keyof Speed) =>
    each.reduce<number>((sum, speed) => sum + (speed as Speed)[field], 0) / each.length / pool.workers;
  const secondsPerForward = mean('secondsPerForward');
  const cost: Cost = {
    secondsPerImageEpoch: mean('secondsPerImageEpoch'),
    secondsPerForward,
    secondsPerTrial: (data.search.ids.length + data.validation.ids.length) * secondsPerForward,
    searchImages: data.search.ids.length,
    validationImages: data.validation.ids.length,
  };
  const question = {
    budget,
    elapsed: clock.seconds,
    cost,
    controls: controlNames(problem).length,
    trainImages: data.train.ids.length,
    testImages: data.test.ids.length,
    epochs: problem.trial.epochs,
  };
  const worth = worthSeconds(problem, data, cost, pool.workers, budget);
  const division = divide({ ...question, worth });
  return writePlan(file, {
    identity: about,
    cost,
    workers: pool.workers,
    elapsed: question.elapsed,
    ...division,
  });
}

/** Of the clock: a classifier for each search, and a score with and without each op. */
function worthSeconds(
  problem: SearchProblem,
  data: ProblemData,
  cost: Cost,
  workers: number,
  budget: number,
): number {
  const scorer = densityScorer();
  const context = {
    ...{ problem, data, seed: 0, cost, dir: '' },
    ...{ seconds: budget / 20, secondsAlone: budget / 20 },
    signal: new AbortController().signal,
    progress: () => {},
  };
  const alone =
    (scorer.setup?.(context) ?? 0) + (problem.space.ops.length + 1) * (scorer.seconds?.({}, context) ?? 0);
  return alone * workers;
}

function costOf(plan: Plan, problem: SearchProblem, data: ProblemData, budget: number): string {
  const { cost, searches, pairs, searchSeconds, roundSeconds, workers } = plan;
  const { epochs } = problem.trial;
  const [images, tested] = [data.train.ids.length, data.test.ids.length];
  const arms = searches + controlNames(problem).length;
  const one = workers * trainingSeconds({ cost, trainImages: images, testImages: tested, epochs });
  return (
    `a training of ${grouped(images)} images × ${epochs} epochs takes ${duration(one)} ` +
    `(${(1000 * workers * cost.secondsPerImageEpoch).toPrecision(3)} ms an image and epoch, ${workers} side by side); ` +
    `${searches} searches take ${duration(searchSeconds)}, and ${pairs} × ${arms} trainings ${duration(pairs * roundSeconds)}: ` +
    `${duration(budget)} in all`
  );
}

interface Carrying {
  readonly problem: SearchProblem;
  readonly data: ProblemData;
  readonly pool: Pool<Task, Result>;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  readonly options: SearchOptions & { readonly seed: number };
}

async function carriedOut(carrying: Carrying): Promise<SearchResult> {
  const { problem, data, pool, plan, clock, signal, log, options } = carrying;
  const { budget, seed, out } = options;
  const notes = [...data.notes];
  const note = (sentence: string) => {
    notes.push(sentence);
    log(sentence);
  };
  const status = (line: string, share: number) =>
    options.status?.(line, share, Math.max(0, budget - clock.seconds));
  const searches = await searched(carrying, note, status);
  const worth = plan.worthSeconds > 0 ? await worthOf(carrying, searches, status) : [];
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
    roundSeconds: plan.roundSeconds,
    left: () => ({
      planned: 1.03 * budget - clock.seconds,
      more: budget - reserve(budget) - clock.seconds,
    }),
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
  { pool, plan, clock, signal, options }: Carrying,
  note: Note,
  status: Status,
): Promise<SearchRun[]> {
  const { strategy, seed, out } = options;
  const { searches, searchSeconds, cost, workers } = plan;
  const together = strategy.make().score.setup !== undefined;
  const secondsAlone = searchSeconds * Math.min(1, workers / searches);
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
        note,
        status,
      }),
    ),
  );
  if (runs.includes(undefined)) throw stopped(signal);
  return runs as SearchRun[];
}

/** By the cheap scorer, each policy with and without each of its ops. */
async function worthOf(
  { plan, pool, signal, options }: Carrying,
  searches: readonly SearchRun[],
  status: Status,
) {
  const { out, budget } = options;
  const all = await Promise.all(
    searches.map(async ({ policy, seed }, slot): Promise<OpWorth[]> => {
      const dir = join(folders(out).worth, `${slot + 1}`);
      const journal = runStore(join(dir, 'journal'));
      const of: SearchTask = { seed, seconds: budget / 20, secondsAlone: budget / 20, cost: plan.cost, dir };
      const score = async (name: string, changed: SearchRun['policy']): Promise<number> => {
        const known = journal.finished<{ score: number }>(name, { policy: changed });
        if (known) return known.score;
        const candidate = { name, policy: changed };
        const options = {
          name: `what each op is worth`,
          slot,
          progress: () => status('what each op is worth', 0),
        };
        const value = await pool.run({ kind: 'density', of, candidate }, options);
        if (value === undefined) throw stopped(signal);
        journal.finish(name, { policy: changed }, { score: value });
        return value as number;
      };
      const whole = await score('all', policy);
      const worth: OpWorth[] = [];
      for (const [i, op] of opsIn(policy).entries())
        worth.push({ op, worth: whole - (await score(`without-${i}`, without(policy, op))) });
      return worth;
    }),
  );
  return meanWorth(all);
}

const stopped = (signal: AbortSignal): unknown => signal.reason ?? new DOMException('stopped', 'AbortError');
