/**
 * Back-pressure for RxJS 7, which has none: a slow consumer subscribes with a *demand*, and sources look for it down
 * the chain of subscribers. RxJS operators keep that chain (`destination`), so `map`, `filter`, `concat` and others may
 * stand between. Operators that delay or share items (`delay`, `share`) break it.
 */
import type { Observable, Observer } from 'rxjs';
import type { Origin } from '../core/index.js';
import { Subscriber } from '../core/rx.js';

/**
 * Where in the stream to begin; what comes before is not rendered. Sources begin with the epoch, so operators between
 * a source and `batch` must keep no state from one epoch to the next: `take(n)`, `skip(n)` or a `map` that counts do not
 * know of earlier epochs.
 */
export interface Start {
  readonly epoch: number;
  /**
   * Samples of that epoch to skip, counted as they reach `batch`. If the epoch has no more, the stream begins with the
   * next one. Default: those of `batch` batches.
   */
  readonly sample?: number;
  /**
   * Without `sample`: batches to skip; a number above those of the epoch reaches into the next. With `sample`: the
   * number of the first batch, which keys the draws of operators on batches; default `sample` / size, rounded up.
   */
  readonly batch?: number;
  /** Called once `sample` samples have passed, or the stream ended earlier. An error that it throws ends the stream. */
  readonly passed?: (before: Passed) => void;
}

/** The samples before a start. */
export interface Passed {
  /** How many there were: fewer than requested if the epoch is shorter. */
  readonly samples: number;
  /** Digest of their ids, as in `Place`; empty if there were fewer. */
  readonly digest: string;
  /** The data sets that they came from. */
  readonly origins: readonly Origin[];
}

/** What a consumer asks of everything upstream. */
export interface Demand {
  /** Whether to emit now; absent means always. */
  readonly gate?: Gate;
  readonly start?: Start;
  /** Passes over the source, in place of its own option. */
  readonly epochs?: number;
  /** Worker threads, in place of the option of `batch`. */
  readonly workers?: number;
}

/** Open while the consumer wants more. A producer asks before each item and waits when it is closed. */
export class Gate {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly isWanted: () => boolean) {}

  get open(): boolean {
    return this.isWanted();
  }

  /** Calls `resume` whenever the gate may have opened, until the returned function is called. */
  listen(resume: () => void): () => void {
    this.waiting.add(resume);
    return () => this.waiting.delete(resume);
  }

  /** The consumer calls this when it may want more. */
  notify(): void {
    for (const resume of [...this.waiting]) resume();
  }
}

const DEMAND = Symbol.for('rxaug.demand');

/** An observer whose demand sources upstream can see. */
export class DemandSubscriber<T> extends Subscriber<T> {
  readonly [DEMAND]: Demand;
  constructor(observer: Observer<T>, demand: Demand) {
    super(observer);
    this[DEMAND] = demand;
  }
}

/** The nearest demand downstream of a subscriber, or an empty one: then items flow freely. */
export function demandOf(subscriber: unknown): Demand {
  let at = subscriber as { [DEMAND]?: Demand; destination?: unknown } | undefined;
  while (at && typeof at === 'object') {
    if (at[DEMAND]) return at[DEMAND];
    at = at.destination as typeof at;
  }
  return {};
}

/** Items that a source without a gate emits before it yields to the event loop. */
const TURN = 256;

/**
 * Emits the items of an iterator while the gate is open; `undefined` from `next` ends the stream. Errors that it throws
 * become the error of the stream. Returns the teardown.
 */
export function drive<T>(
  subscriber: Subscriber<T>,
  next: () => T | undefined | Promise<T | undefined>,
  gate?: Gate,
): () => void {
  let running = false;
  let stopped = false;
  const unlisten = gate?.listen(run);

  async function run(): Promise<void> {
    if (running || stopped) return;
    running = true;
    try {
      for (let turn = 1; !subscriber.closed && (!gate || gate.open); turn++) {
        let item = next();
        if (item instanceof Promise) item = await item;
        if (stopped || subscriber.closed) return;
        if (item === undefined) {
          stopped = true;
          return subscriber.complete();
        }
        subscriber.next(item);
        if (turn % TURN === 0) await new Promise(setImmediate);
      }
    } catch (error) {
      stopped = true;
      subscriber.error(error);
    } finally {
      running = false;
    }
  }
  void run();
  return () => {
    stopped = true;
    unlisten?.();
  };
}

/**
 * An Observable as an async iterator with back-pressure: the next item is requested when the previous one was taken.
 * Leaving the `for await` loop, `return()` or `cancel()` unsubscribes, which stops the work upstream and disposes items
 * that were not taken.
 *
 * @param source any stream; only rxaug's sources and operators slow down for it
 * @param options `start`, a position to begin at (`{ epoch, batch }` or `{ epoch, sample }`), and `workers`, in place of
 * those of `batch`
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(batch(4));
 * for await (const b of pull(batches$, { workers: 0 })) {
 *   console.log(b.size);
 *   b.dispose();
 *   break;
 * }
 * // → 4
 */
export function pull<T>(
  source: Observable<T>,
  { start, workers }: Pick<Demand, 'start' | 'workers'> = {},
): AsyncIterableIterator<T> & { cancel(): void } {
  const items: T[] = [];
  let done = false;
  let failure: { error: unknown } | undefined;
  const waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  const gate = new Gate(() => items.length === 0);
  const ended: IteratorResult<T> = { done: true, value: undefined };
  let subscriber: DemandSubscriber<T> | undefined;

  const settle = () => {
    while (waiting.length > 0 && (items.length > 0 || done)) {
      const { resolve, reject } = waiting.shift() as (typeof waiting)[number];
      if (items.length > 0) resolve({ done: false, value: items.shift() as T });
      else if (failure) {
        reject(failure.error);
        failure = undefined; // reported once, as async generators do
      } else resolve(ended);
    }
  };
  const begin = () => {
    const observer: Observer<T> = {
      next: (item) => {
        items.push(item);
        settle();
      },
      error: (error) => {
        failure = { error };
        done = true;
        settle();
      },
      complete: () => {
        done = true;
        settle();
      },
    };
    subscriber = new DemandSubscriber(observer, { gate, start, workers });
    source.subscribe(subscriber);
  };
  const cancel = () => {
    done = true;
    failure = undefined;
    subscriber?.unsubscribe();
    for (const item of items.splice(0)) (item as { dispose?(): void }).dispose?.();
    settle();
  };
  return {
    next: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        if (!subscriber && !done) begin();
        settle();
        gate.notify();
      }),
    return: async () => {
      cancel();
      return ended;
    },
    cancel,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
