import { printable } from '../core/printable.js';

/** A text stream to write to, such as `process.stderr`. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Longest line in characters; on a terminal, lines are cut to its width. */
const LONGEST = 4000;
/** To the start of the line, which is erased. */
const ERASE = '\r\u001b[2K';

/** Lines of progress: on a terminal each replaces the one before, elsewhere they are printed one below another. */
export class RewrittenLine {
  private open = false;

  /** `prefix` stands in front of every line. */
  constructor(
    private readonly sink: Sink,
    private readonly prefix = '',
  ) {}

  get onTerminal(): boolean {
    return this.sink.isTTY === true;
  }

  /** Characters that a line has room for where it is written over; elsewhere as many as a line may have. */
  get room(): number {
    // Some terminals say that they have no columns.
    return this.onTerminal ? (this.sink.columns || 80) - 1 - this.prefix.length : LONGEST;
  }

  /** Milliseconds between two lines that replace one another, unless the caller says otherwise. */
  get every(): number {
    return this.onTerminal ? 100 : 30_000;
  }

  /** A line that the next one replaces. */
  pass(line: string): void {
    const text = this.prefix + printable(line, LONGEST);
    if (!this.onTerminal) {
      this.sink.write(`${text}\n`);
      return;
    }
    const most = Math.max(0, this.room + this.prefix.length);
    this.sink.write(`${ERASE}${[...text].slice(0, most).join('')}`);
    this.open = true;
  }

  /** A line that stays. */
  stay(line: string): void {
    this.sink.write(`${this.open ? ERASE : ''}${this.prefix}${printable(line, LONGEST)}\n`);
    this.open = false;
  }

  /** Leaves the last line where it is. */
  close(): void {
    if (this.open) this.sink.write('\n');
    this.open = false;
  }

  /** Erases the last line. */
  erase(): void {
    if (this.open) this.sink.write(ERASE);
    this.open = false;
  }
}
