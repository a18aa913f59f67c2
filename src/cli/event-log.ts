/** `events.jsonl`: what happened in a run, one JSON object a line, for plots and for other programs. */
import { LineFile } from '../core/files/line-file.js';

export class EventLog {
  private readonly file: LineFile;

  /** A resumed run appends; a new one overwrites. */
  constructor(path: string, append: boolean) {
    this.file = new LineFile(path, append);
  }

  write(event: object): void {
    this.file.write({ time: new Date().toISOString(), ...event });
  }

  dispose(): void {
    this.file.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
