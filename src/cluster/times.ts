/** How long a queue waits for what: by environment variables, in seconds, for tests and for servers far away. */
import { UsageError } from '../core/index.js';

/** In milliseconds. */
export interface Times {
  /** A job whose worker has not renewed its lock for so long is given to another. `RXAUG_QUEUE_LOCK`, default 30. */
  readonly lock: number;
  /** Between two looks for such jobs. `RXAUG_QUEUE_STALLED`, default 30. */
  readonly stalled: number;
  /** Between two looks of who follows, and of a worker's watchdog. `RXAUG_QUEUE_LOOK`, default 1. */
  readonly look: number;
  /** A worker that gets no job for so long, while jobs wait, connects anew. `RXAUG_QUEUE_STUCK`, default 30. */
  readonly stuck: number;
  /** A server, or an output, that does not answer for so long ends the process. `RXAUG_QUEUE_PATIENCE`, default 900. */
  readonly patience: number;
}

/** @throws UsageError for what is no number of seconds */
export function times(env: NodeJS.ProcessEnv = process.env): Times {
  const of = (name: string, seconds: number) => {
    const text = env[`RXAUG_QUEUE_${name}`];
    const value = text === undefined || text === '' ? seconds : Number(text);
    if (!(value >= 0.1 && value <= 86_400))
      throw new UsageError(
        `RXAUG_QUEUE_${name}: expected seconds in 0.1..86400 but received '${text}'; change or unset it`,
      );
    return 1000 * value;
  };
  return {
    lock: of('LOCK', 30),
    stalled: of('STALLED', 30),
    look: of('LOOK', 1),
    stuck: of('STUCK', 30),
    patience: of('PATIENCE', 900),
  };
}
