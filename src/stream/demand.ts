/**
 * Back-pressure for RxJS 7, which has none: whoever consumes slowly subscribes with a *demand*, and
 * sources look for it down the chain of subscribers. Every RxJS operator keeps that chain
 * (`destination`), so `map`, `filter`, `concat` and their like may stand between, unchanged.
 * Operators that keep items back or share them (`delay`, `share`) cut or outrun it.
 */
import type { Observable, Observer } from 'rxjs';
import type { Origin } from '../core/index.js';
import { Subscriber } from '../core/rx.js';

/**
 * Where in the stream to begin; what lies before is not rendered. Sources begin with the epoch, so operators between
 * a source and `batch` must keep nothing from one epoch to the next: of `take(n)`, `skip(n)` or a `map` that counts,
 * a stream that begins later knows nothing.
 */
export interface Start {
  readonly epoch: number;
  /**
   * Samples of that epoch to leave out, as they reach `batch`. If the epoch has no more, the stream begins with the
   * next one. Default: those of `batch` batches.
   */
  readonly sample?: number;
  /**
   * Without `sample`: batches to leave out; more than the epoch has reach into the next. Beside `sample`: the number
   * of the first batch, by which operators on batches draw; default `sample` / size, rounded up.
   */
  readonly batch?: number;
  /** Called once `sample` samples have passed, or the stream has ended before; what it throws ends the stream. */
  readonly passed?: (before: Passed) => void;
}

/** The samples before a start. */
export interface Passed {
  /** How many there were: fewer than were to be left out where the epoch is shorter. */
  readonly samples: number;
  /** Of their ids, as in `Place`; empty where there were fewer. */
  readonly digest: string;
  /** The data sets that they came from. */
  readonly origins: readonly Origin[];
}

/** What a consumer asks of everything upstream of it. */
export interface Demand {
  /** Whether to emit now; absent means always. */
  readonly gate?: Gate;
  readonly start?: Start;
  /** How often the source repeats, in place of what it was made with. */
  readonly epochs?: number;
  /** Workers that render, in place of what `batch` was made with. */
  readonly workers?: number;
}

/** Open while the consumer wants more. A producer asks before each item and waits when it is closed. */
export class Gate {
  private readonly waiting = new Set<() => void>();

  constructor(private readonly wants: () => boolean) {}

  get open(): boolean {
    return this.wants();
  }

  /** Calls `resume` whenever the gate may have opened, until the returned function is called. */
  listen(resume: () => void): () => void {
    this.waiting.add(resume);
    return () => this.waiting.delete(resume);
  }

  /** To be called by the consumer when it may want more. */
  notify(): void {
    for (const resume of [...this.waiting]) resume();
  }
}

const DEMAND = Symbol.for('rxaug.demand');

/** Subscribes an observer so that sources upstream see its demand. */
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

/** Items that a free-running source emits before it lets the event loop turn. */
const TURN = 256;

/**
 * Emits what an iterator gives, as the gate allows: `undefined` from `next` ends the stream. Errors thrown
 * by it travel the error channel. Returns the teardown.
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
 * An observable as an async iterator with back-pressure: the next item is asked for when the last was
 * taken. `return()` (or leaving `for await`) unsubscribes, which stops the work upstream.
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
        failure = undefined; // said once, as async generators do
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
