/** A pool that has the trainings of a search done by workers, and all other tasks by a pool of this machine. */
import type { Pool, RunOptions } from '../core/children/pool.js';
import type { Fence } from '../search/fence.js';
import type { Result, Task, Versions } from '../search/tasks.js';
import { type Attending, attend } from './attend.js';
import { Dispatch } from './dispatch.js';
import { type FarTask, SearchFolder, type SharedSearch } from './search-folder.js';

export interface HandingOver extends Attending {
  /** The description of the search, without versions, which a process of `here` gives. */
  readonly about: Omit<SharedSearch, 'versions'>;
  readonly here: Pool<Task, Result>;
  readonly fence: Fence;
  /** Whether there is a plan; if not, workers are waited for and counted, for the plan. */
  readonly planned: boolean;
}

/** Consecutive polls with the same number of places for trainings before they are counted. */
const STEADY = 5;
/** Milliseconds between two counts of the workers. */
const COUNT = 10_000;

/**
 * A pool whose trainings are jobs of a queue. Scores that share something long to make, and the steps of a search itself, are
 * done by `here`. `workers` are the trainings that the workers do side by side, counted again every ten seconds.
 *
 * @throws what the signal gives as its reason, if it comes before there are workers to count
 */
export async function queuedPool(options: HandingOver): Promise<Pool<Task, Result>> {
  const { out, about, here, signal, fence } = options;
  const versions = await here.run({ kind: 'versions' }, { name: 'checking', slot: 0 });
  signal.throwIfAborted();
  fence();
  const folder = SearchFolder.begin(out, { ...about, versions: versions as Versions });
  const pool = new QueuedTrials(options, folder);
  await pool.connect();
  return pool;
}

/** A training that a worker has, or that waits for one. */
interface Pending {
  readonly options: RunOptions;
  /** What it does, for its progress. */
  readonly line: string;
  started: boolean;
  resolve(result: Result | undefined): void;
  reject(error: unknown): void;
}

class QueuedTrials implements Pool<Task, Result> {
  /** At least 1: a job waits where there is no worker. */
  workers = 1;
  private dispatch!: Dispatch<Result>;
  private readonly pending = new Map<number, Pending>();
  private attending?: Promise<void>;
  private countedAt = Number.NEGATIVE_INFINITY;
  private failed = false;
  private readonly closing = new AbortController();
  private readonly attended: Attending;

  constructor(
    private readonly options: HandingOver,
    private readonly folder: SearchFolder,
  ) {
    this.attended = { ...options, signal: AbortSignal.any([options.signal, this.closing.signal]) };
  }

  async connect(): Promise<void> {
    const { folder, options } = this;
    const worker = `rxaug worker --queue ${options.server.address.name} --out ${options.out}`;
    this.dispatch = await Dispatch.open<Result>({
      ...options,
      origin: { kind: 'trial', digest: folder.digest },
      ...{ owner: 'search', worker },
      nameOf: (number) => folder.nameOf(number),
      doneOf: async (number) => folder.result(number),
      onDone: (number, result) => this.settle(number, ({ resolve }) => resolve(result)),
      onProgress: (number, share) => this.report(number, share),
    });
    if (options.planned) await attend(options, () => this.recount());
    else await this.assemble(worker);
  }

  run(task: Task, options: RunOptions): Promise<Result | undefined> {
    if (!isFar(task, options)) return this.options.here.run(task, options);
    return new Promise((resolve, reject) => {
      if (this.options.signal.aborted) return resolve(undefined);
      const number = this.folder.add(task, options.name, this.options.fence);
      const known = this.folder.result(number);
      if (known !== undefined) return resolve(known);
      const line = task.kind === 'score' ? task.candidate.name : options.name;
      this.pending.set(number, { options, line, started: false, resolve, reject });
      this.dispatch.push([number]);
      this.attend();
    });
  }

  /** What was handed over and is not done stays in the queue: its results count in a search that is resumed. */
  async dispose(): Promise<void> {
    const needed = this.failed || this.options.signal.aborted || this.pending.size > 0;
    this.closing.abort();
    await this.attending;
    await this.dispatch.close(needed);
  }

  /** Waits until there are workers, and no more are coming. */
  private async assemble(worker: string): Promise<void> {
    const { notice } = this.options;
    let [noticed, steady, before] = [false, 0, 0];
    await attend(this.options, async () => {
      const { workers, places } = await this.dispatch.connected();
      if (places === 0 && !noticed) {
        noticed = true;
        notice(`there are no workers yet; start some by ${worker}`);
      }
      steady = places > 0 && places === before ? steady + 1 : 0;
      before = places;
      if (steady < STEADY) return false;
      this.workers = places;
      this.countedAt = performance.now();
      notice(
        `${workers} ${workers === 1 ? 'worker is' : 'workers are'} there, for ${places} ${places === 1 ? 'training' : 'trainings'} side by side: the plan counts on them`,
      );
      return true;
    });
  }

  private async recount(): Promise<true> {
    if (performance.now() - this.countedAt < COUNT) return true;
    this.workers = Math.max(1, (await this.dispatch.connected()).places);
    this.countedAt = performance.now();
    return true;
  }

  /** Follows the queue while anything is pending. */
  private attend(): void {
    this.attending ??= attend(this.attended, async () => {
      await this.recount();
      await this.dispatch.poll();
      return this.pending.size === 0;
    })
      .catch((error) => {
        this.failed = true;
        const stopped = this.attended.signal.aborted;
        for (const number of [...this.pending.keys()])
          this.settle(number, ({ resolve, reject }) => (stopped ? resolve(undefined) : reject(error)));
      })
      .then(() => {
        this.attending = undefined;
        if (this.pending.size > 0) this.attend();
      });
  }

  private report(number: number, share: number): void {
    const pending = this.pending.get(number);
    if (!pending) return;
    const { started, progress } = pending.options;
    if (!pending.started) started?.();
    pending.started = true;
    progress?.(pending.line, Math.min(1, Math.max(0, share)));
  }

  private settle(number: number, how: (pending: Pending) => void): void {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    if (pending) how(pending);
  }
}

/** Trainings, but for scores that have to be computed in one place. */
const isFar = (task: Task, { slot }: RunOptions): task is FarTask =>
  task.kind === 'trial' || task.kind === 'measure' || (task.kind === 'score' && slot === undefined);
