/** Progress of a long command on stderr: how much is done, and how long the rest takes. */
import { duration } from '../report/format.js';
import { RewrittenLine } from '../report/rewritten-line.js';

export class ProgressLine {
  private readonly began = performance.now();
  private readonly line: RewrittenLine;
  private last = this.began;
  /** Of the first `update`: what was done before is not counted as speed. */
  private first?: number;

  /** `what` is printed before the numbers: 'augment'. */
  constructor(what: string) {
    this.line = new RewrittenLine(process.stderr, `${what}: `);
  }

  update(done: number, total: number): void {
    const now = performance.now();
    this.first ??= done - 1;
    if (now - this.last < this.line.every && done < total) return;
    if (done >= total && !this.line.onTerminal) return;
    this.last = now;
    const seconds = (now - this.began) / 1000;
    const left = ((total - done) * seconds) / Math.max(1, done - this.first);
    this.line.pass(`${done} of ${total}, ${duration(left)} left`);
  }

  /** Erases the line that is being written over. */
  end(): void {
    this.line.erase();
  }
}
