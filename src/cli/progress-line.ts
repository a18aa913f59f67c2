/** Progress of a long command on stderr: one line that is written over on a terminal, a line now and then elsewhere. */
import { duration } from '../report/format.js';

/** Seconds between two lines, on a terminal and elsewhere. */
const EVERY = { terminal: 0.1, plain: 30 };

export class ProgressLine {
  private readonly began = performance.now();
  private readonly terminal = process.stderr.isTTY === true;
  private last = this.began;
  private open = false;
  /** Of the first `update`: what was done before is not counted as speed. */
  private first?: number;

  /** `what` is printed before the numbers: 'augment'. */
  constructor(private readonly what: string) {}

  update(done: number, total: number, more = ''): void {
    const now = performance.now();
    this.first ??= done - 1;
    const every = 1000 * (this.terminal ? EVERY.terminal : EVERY.plain);
    if (now - this.last < every && done < total) return;
    if (done >= total && !this.terminal) return;
    this.last = now;
    const seconds = (now - this.began) / 1000;
    const left = ((total - done) * seconds) / Math.max(1, done - this.first);
    const text = `${this.what}: ${done} of ${total}${more}, ${duration(left)} left`;
    process.stderr.write(this.terminal ? `\r\u001b[2K${text}` : `${text}\n`);
    this.open = this.terminal;
  }

  /** Ends the line that is being written over. */
  end(): void {
    if (this.open) process.stderr.write('\r\u001b[2K');
    this.open = false;
  }
}
