/** Reads an Observable at the reader's pace: early items wait in a bounded queue. */
import { RxaugError } from '../core/index.js';

/** The part of an Observable that is used; RxJS of any version has it. */
export interface Subscribable<T> {
  subscribe(observer: { next(value: T): void; error(error: unknown): void; complete(): void }): {
    unsubscribe(): void;
  };
}

/** Leaving the loop early unsubscribes; so does the signal, at once, where the loop waits for a silent Observable. */
export async function* pull<T>(
  source: Subscribable<T>,
  maxBuffered: number,
  signal?: AbortSignal,
): AsyncGenerator<T> {
  let queue: T[] = [];
  let next = 0; // Of the queue; shifting a long array is slow.
  let state: 'open' | 'complete' | 'failed' = 'open';
  let failure: unknown;
  let wake = () => {};
  let subscription: { unsubscribe(): void } | undefined;
  const end = (how: 'complete' | 'failed', error?: unknown) => {
    if (state !== 'open') return;
    state = how;
    failure = error;
    subscription?.unsubscribe();
    wake();
  };
  subscription = source.subscribe({
    next(value) {
      if (state !== 'open') return;
      if (queue.length - next < maxBuffered) queue.push(value);
      else {
        end(
          'failed',
          new RxaugError(
            `fromItems: more than ${maxBuffered} items of the Observable wait to be used; give an iterable, which waits, or raise maxBuffered`,
          ),
        );
      }
      wake();
    },
    error: (error) => end('failed', error),
    complete: () => end('complete'),
  });
  if (state !== 'open') subscription.unsubscribe();
  const leave = () => end('complete');
  if (signal?.aborted) leave();
  signal?.addEventListener('abort', leave);
  try {
    for (;;) {
      while (next < queue.length) {
        yield queue[next++] as T;
        if (next < 1024 || 2 * next < queue.length) continue;
        queue = queue.slice(next);
        next = 0;
      }
      if ((state as string) === 'failed') throw failure;
      if ((state as string) === 'complete') return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', leave);
    subscription.unsubscribe();
  }
}
