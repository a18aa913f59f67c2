/** Runs jobs on this thread or in a pool of workers; the bytes are the same. */
import { RxaugError } from '../../core/index.js';
import { type Job, type JobResult, Renderer, type RendererOptions } from '../renderer.js';

export interface Runner {
  run(job: Job): Promise<JobResult>;
  /** Cancels unfinished jobs: their promises reject. */
  dispose(): void;
}

/** The job was canceled. */
export class AbortedError extends RxaugError {
  constructor() {
    super('the stream was unsubscribed');
  }
}

/** A worker ended while it mixed a batch in place: the batch must be rendered again. */
export class PartialMixError extends RxaugError {}

/** Jobs on the calling thread, one at a time, with a turn of the event loop after each. */
export class InlineRunner implements Runner {
  private readonly renderer: Promise<Renderer>;
  private last: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(options: RendererOptions) {
    this.renderer = Renderer.create(options);
    this.renderer.catch(() => undefined); // reported by run
  }

  run(job: Job): Promise<JobResult> {
    const stop = () => {
      if (this.stopped) throw new AbortedError();
    };
    const result = this.last.then(async () => {
      stop();
      const done = await (await this.renderer).run(job, stop);
      await new Promise(setImmediate);
      return done;
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  dispose(): void {
    this.stopped = true;
    // After the current row, which may still be reading a file; run() has reported a renderer that could not be made.
    void this.last
      .then(() => this.renderer)
      .then(
        (renderer) => renderer.dispose(),
        () => undefined,
      );
  }
}
