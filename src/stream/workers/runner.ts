/** Where jobs are done: on this thread, or in a pool of workers. The bytes are the same. */
import { RxaugError } from '../../core/index.js';
import { type Job, type JobResult, Renderer, type RendererOptions } from '../renderer.js';

export interface Runner {
  run(job: Job): Promise<JobResult>;
  /** Lets go of the jobs that are not done yet: their promises reject. */
  dispose(): void;
}

/** The result is not wanted any more. */
export class Stopped extends RxaugError {
  constructor() {
    super('the stream was unsubscribed');
  }
}

/** A worker ended while it changed a batch in place: the batch must be rendered anew. */
export class HalfDone extends RxaugError {}

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
      if (this.stopped) throw new Stopped();
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
    // After the row at hand, which may still be reading a file; a renderer that never came was reported by run.
    void this.last
      .then(() => this.renderer)
      .then(
        (renderer) => renderer.dispose(),
        () => undefined,
      );
  }
}
