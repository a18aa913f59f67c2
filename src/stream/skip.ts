/** Counts samples before the start of a stream and skips them without rendering. */

import type { IdDigest } from '../core/id-digest.js';
import type { Origin, Sample } from '../core/index.js';
import type { Start } from './demand.js';

export class Skip {
  private readonly origins = new Set<Origin>();
  /** Of the epoch that the stream starts in. */
  private samples = 0;
  private digest = '';
  private groups = 0;
  private done: boolean;

  constructor(private readonly start: Start | undefined) {
    this.done = start === undefined;
  }

  /**
   * Whether a sample is before the start; `digest` is that of its epoch up to the sample. Calls `start.passed` once all
   * of them have passed.
   */
  sample({ epoch, origin }: Sample, digest: IdDigest): boolean {
    const { start } = this;
    if (this.done || !start) return false;
    if (epoch < start.epoch) return true;
    const { sample: count } = start;
    if (count === undefined || count === 0 || epoch > start.epoch) {
      this.finish();
      return false;
    }
    this.origins.add(origin);
    this.samples++;
    if (this.samples < count) return true;
    this.digest = `${digest}`;
    this.finish();
    return true;
  }

  /** Whether a group of samples is before a start that counts batches. */
  group(): boolean {
    const { start } = this;
    if (start?.sample !== undefined || this.groups >= (start?.batch ?? 0)) return false;
    this.groups++;
    return true;
  }

  /** The stream has ended, maybe before its start. */
  ended(): void {
    if (!this.done) this.finish();
  }

  private finish(): void {
    this.done = true;
    const { sample = 0, passed } = this.start as Start;
    const { samples, digest } = this;
    if (sample > 0) passed?.({ samples, digest, origins: [...this.origins] });
  }
}
