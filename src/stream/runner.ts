/** Where jobs are done: on this thread, or in a pool of workers. The bytes are the same. */
import { type Job, type JobResult, Renderer, type RendererOptions } from './renderer.js';

export interface Runner {
  run(job: Job): Promise<JobResult>;
  dispose(): void;
}

/** Jobs on the calling thread, one at a time, with a turn of the event loop after each. */
export class InlineRunner implements Runner {
  private readonly renderer: Promise<Renderer>;
  private last: Promise<unknown> = Promise.resolve();

  constructor(options: RendererOptions) {
    this.renderer = Renderer.create(options);
  }

  run(job: Job): Promise<JobResult> {
    const result = this.last.then(async () => {
      const done = await (await this.renderer).run(job);
      await new Promise(setImmediate);
      return done;
    });
    this.last = result.catch(() => undefined);
    return result;
  }

  dispose(): void {
    // After the jobs at hand, which may still be reading files; a renderer that never came was reported by run.
    void this.last
      .then(() => this.renderer)
      .then(
        (renderer) => renderer.dispose(),
        () => undefined,
      );
  }
}
