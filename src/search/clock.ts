/** Seconds that a search has taken over all its interruptions. */
import { existsSync, readFileSync } from 'node:fs';
import type { FolderLock } from '../core/files/folder-lock.js';
import { replaceFile } from '../core/files/write-file.js';

/** A killed process loses at most so many milliseconds of its time. */
const EVERY = 1000;

/** Counts on from what its file says. */
export class Clock {
  private readonly began = performance.now();
  private readonly before: number;
  private readonly timer: NodeJS.Timeout;

  /** `more` seconds passed before there was a clock; nothing is written once the folder is another's. */
  constructor(
    private readonly file: string,
    private readonly lock: Pick<FolderLock, 'isStillOurs'>,
    more = 0,
  ) {
    this.before = more + (existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0);
    this.timer = setInterval(() => this.save(), EVERY);
    this.timer.unref();
  }

  get seconds(): number {
    return this.before + (performance.now() - this.began) / 1000;
  }

  save(): void {
    if (this.lock.isStillOurs()) replaceFile(this.file, `${this.seconds}\n`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
    this.save();
  }
}
