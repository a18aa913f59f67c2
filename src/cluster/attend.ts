/** Follows a queue through outages: of its server, and of the output, from which results are read. */
import { AwayError } from '../core/files/away-error.js';
import { fileReason } from '../core/files/file-errors.js';
import { RxaugError } from '../core/index.js';
import { sleep } from './concurrent.js';
import type { Pulling } from './puller.js';

/** The queue, the output, and what ends waiting for them. */
export interface Attending extends Pulling {
  readonly signal: AbortSignal;
  /** Folder or URL of the output. */
  readonly out: string;
}

/** The output cannot be read now: a file system that is away, not the queue's server. */
class Unreadable extends Error {}

/** Marks an error of reading a result, so that it is not taken for one of the server. A sentence of ours names its cause already. */
export function unreadable(error: unknown): Error {
  if (error instanceof AwayError) return new Unreadable(error.reason, { cause: error });
  return error instanceof RxaugError ? error : new Unreadable(fileReason(error), { cause: error });
}

/**
 * Repeats `round` until it returns true. Where the server or the output is away, notices that once and waits.
 *
 * @throws RxaugError for one that stays away; what the signal gives as its reason, once it comes
 */
export async function attend(
  { server, times, signal, notice, out }: Attending,
  round: () => Promise<boolean>,
): Promise<void> {
  let away: { readonly name: string; readonly since: number } | undefined;
  for (;;) {
    try {
      const over = await round();
      if (away) notice(`${away.name} answers again`);
      away = undefined;
      if (over) return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RxaugError) throw error;
      const [name, reason] =
        error instanceof Unreadable
          ? [`the output ${out}`, error.message]
          : [server.address.name, server.reason(error)];
      const now = performance.now();
      if (away?.name !== name) {
        notice(`${name} does not answer (${reason}); workers finish what they have`);
        away = { name, since: now };
      }
      if (now - away.since > times.patience)
        throw new RxaugError(
          `${name} has not answered for ${Math.round((now - away.since) / 1000)} s (${reason}); bring it back, then continue with --resume`,
        );
    }
    await sleep(times.look, signal);
  }
}
