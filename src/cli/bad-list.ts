/** Samples that a run had to leave out: gathered from the batches that pass, listed at its end. */
import { type MonoTypeOperatorFunction, tap } from 'rxjs';
import type { BadSample, Batch, Origin } from '../core/index.js';

/** Lines of the list; the rest is counted. */
const SHOWN = 20;

export class BadList {
  private readonly reasons = new Map<string, string>();
  private readonly origins = new Set<Origin>();

  constructor(private readonly each: (sample: BadSample) => void = () => {}) {}

  /** Passes batches through and notes what they, and their source, left out. */
  watch(): MonoTypeOperatorFunction<Batch> {
    return tap(({ bad, origin, samples }) => {
      for (const sample of bad) this.add(sample);
      this.note(origin);
      for (const sample of samples) this.note(sample.origin); // several sources may be joined in a batch
    });
  }

  private note(origin: Origin): void {
    if (this.origins.has(origin)) return;
    this.origins.add(origin);
    for (const { where, reason } of origin.problems ?? []) this.add({ id: where, reason });
  }

  /** A sample that is bad in every epoch counts once. */
  add(sample: BadSample): void {
    if (this.reasons.has(sample.id)) return;
    this.reasons.set(sample.id, sample.reason);
    this.each(sample);
  }

  get count(): number {
    return this.reasons.size;
  }

  /** The first of them. */
  get samples(): BadSample[] {
    return [...this.reasons].slice(0, SHOWN).map(([id, reason]) => ({ id, reason }));
  }

  /** For people; empty when nothing was left out. */
  toString(): string {
    if (this.count === 0) return '';
    const lines = this.samples.map(
      ({ id, reason }) => `  ${reason.startsWith(id) ? reason : `${id}: ${reason}`}`,
    );
    if (this.count > SHOWN) lines.push(`  … and ${this.count - SHOWN} more`);
    return `${this.count} ${this.count === 1 ? 'sample was' : 'samples were'} left out:\n${lines.join('\n')}\n`;
  }
}
