/** Samples and boxes that a run left out: collected from its batches, listed at the end. */
import type { OperatorFunction } from 'rxjs';
import { type BadSample, type Batch, type Origin, type Problem, printable } from '../core/index.js';
import { through } from '../stream/through.js';
import { say } from './out.js';

/** Lines of the list; the rest is counted. */
const SHOWN = 20;
/** Characters of a line. */
const LINE = 4000;

export class BadList {
  private readonly reasons = new Map<string, string>();
  /** Boxes left out of samples that were used, by the reason. */
  private readonly refused = new Map<string, BadSample>();
  private readonly passed = new Map<string, Problem>();
  /** How many problems of each source are listed already: a stream finds more of them as it is read. */
  private readonly origins = new Map<Origin, number>();

  constructor(private readonly each: (sample: BadSample) => void = () => {}) {}

  /**
   * Passes batches through and records what they and their source left out. It is no `tap`: with an operator of RxJS in
   * the stream the trainer could not know what images go through, and `rxaug predict` would refuse the checkpoint.
   */
  watch(): OperatorFunction<Batch, Batch> {
    return through((subscriber) => ({
      next: (batch) => {
        try {
          this.record(batch);
        } catch (error) {
          return subscriber.error(error); // such as a full disk, where `each` writes
        }
        subscriber.next(batch);
      },
    }));
  }

  private record({ bad, refused = [], origin, samples }: Batch): void {
    for (const sample of bad) this.add(sample);
    for (const box of refused) this.refused.set(`${box.id} ${box.reason}`, box);
    this.note(origin);
    for (const sample of samples) this.note(sample.origin); // several sources may be joined in a batch
  }

  private note(origin: Origin): void {
    const { problems = [] } = origin;
    const seen = this.origins.get(origin) ?? 0;
    if (seen === problems.length && seen > 0) return;
    this.origins.set(origin, problems.length);
    for (const { where, reason, passed } of problems.slice(seen)) {
      if (passed === undefined) this.add({ id: where, reason });
      else this.passed.set(`${where} ${reason}`, { where, reason });
    }
  }

  /** A sample that is bad in every epoch counts once. */
  add(sample: BadSample): void {
    if (this.reasons.has(sample.id)) return;
    this.reasons.set(sample.id, sample.reason);
    this.each(sample);
  }

  /** Records the problems that sources found since their last batch. */
  settle(): void {
    for (const origin of [...this.origins.keys()]) this.note(origin);
  }

  get count(): number {
    return this.reasons.size;
  }

  /** The first of them. */
  get samples(): BadSample[] {
    return [...this.reasons].slice(0, SHOWN).map(([id, reason]) => ({ id, reason }));
  }

  /** How many boxes were left out, and the first of them. */
  get boxes(): { readonly count: number; readonly boxes: readonly BadSample[] } {
    return { count: this.refused.size, boxes: [...this.refused.values()].slice(0, SHOWN) };
  }

  /** For `--json`: how many samples were left out, the first of them, and problems of files that belong to no sample. */
  get summary(): {
    readonly count: number;
    readonly samples: readonly BadSample[];
    readonly notes?: readonly string[];
  } {
    const { count, samples, notes } = this;
    return { count, samples, ...(notes.length > 0 && { notes }) };
  }

  /** Problems of files that belong to no sample. */
  get notes(): string[] {
    return [...this.passed.values()].map(
      ({ where, reason }) => `${printable(where, LINE)}: ${printable(reason, LINE)}`,
    );
  }

  /** Prints the list on stderr, with what sources found since their last batch. */
  print(): void {
    this.settle();
    const text = this.toString().trimEnd();
    if (text) say(text);
  }

  /** Lines to print; none if nothing was left out. */
  toString(): string {
    const { count, boxes } = this.boxes;
    return [
      ...list(this.count, this.count === 1 ? 'sample was' : 'samples were', this.samples),
      ...list(count, count === 1 ? 'box was' : 'boxes were', boxes),
      ...this.notes,
    ]
      .map((line) => `${line}\n`)
      .join('');
  }
}

function list(count: number, what: string, first: readonly BadSample[]): string[] {
  if (count === 0) return [];
  const lines = first.map((sample) => `  ${lineOf(sample)}`);
  if (count > SHOWN) lines.push(`  … and ${count - SHOWN} more`);
  return [`${count} ${what} left out:`, ...lines];
}

/** One printable line, whatever the name and the reason are. */
function lineOf({ id, reason }: BadSample): string {
  const [name, why] = [printable(id, LINE), printable(reason, LINE)];
  return why.startsWith(name) ? why : `${name}: ${why}`;
}
