/** Trying again: exponential back-off with a jitter that is drawn from a key, and an end to it. */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { Draws, fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { TransientError } from './source.js';

/** Tries without any progress. */
export const TRIES = 7;
/** Milliseconds before the second try; doubled each time, up to the longest. */
const FIRST = 500;
const LONGEST = 30_000;
/** Milliseconds; a server that asks for a longer wait is not asked again. */
const MOST_ASKED = 600_000;

/** How time passes; tests have their own. */
export interface Clock {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `then` unless the result is called before. */
  after(ms: number, then: () => void): () => void;
}

export const clock: Clock = {
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  after(ms, then) {
    const timer = globalThis.setTimeout(then, ms);
    return () => globalThis.clearTimeout(timer);
  },
};

/** Milliseconds before try `attempt`, from 1: half of them fixed, half drawn, so that many processes do not come at once. */
export function pause(name: string, attempt: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** (attempt - 1));
  const key = fold(keyOf(process.pid), tag(os.hostname()), tag(name), attempt);
  return full * (0.5 + 0.5 * new Draws(key).uniform());
}

/**
 * The result of `work`, which is started again after a TransientError. Tries are counted from its last progress.
 *
 * @param work gets a function to call when it makes progress
 * @throws RxaugError that names the last reason; what else `work` throws
 */
export async function patiently<T>(
  name: string,
  time: Clock,
  signal: AbortSignal,
  work: (progress: () => void) => Promise<T>,
): Promise<T> {
  let attempt = 0;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work(() => {
        attempt = 0;
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      attempt++;
      const wait = Math.max(pause(name, attempt), error.after ?? 0);
      if (attempt >= TRIES || wait > MOST_ASKED) {
        const times = wait > MOST_ASKED ? `and asks to wait ${Math.round(wait / 1000)} s` : `${TRIES} times`;
        throw new RxaugError(`${name}: ${error.reason} ${times}; try again later, and check the network`, {
          cause: error,
        });
      }
      await time.sleep(wait, signal);
    }
  }
}

/** Milliseconds of a Retry-After header: seconds, or a date. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
