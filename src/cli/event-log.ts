/** `events.jsonl`: what happened in a run, one JSON object a line, for plots and for other programs. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { printableJson } from '../core/index.js';

export class EventLog {
  private readonly file: number;

  /** A run that goes on appends, a new one begins anew. */
  constructor(path: string, append: boolean) {
    this.file = openSync(path, append ? 'a' : 'w');
  }

  write(event: object): void {
    writeSync(this.file, `${printableJson({ time: new Date().toISOString(), ...event })}\n`);
  }

  dispose(): void {
    closeSync(this.file);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
