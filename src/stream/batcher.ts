/**
 * One subscription to `batch`: gathers samples, renders them, emits batches in order. It asks its source for samples only
 * while fewer than `prefetch` batches are in progress, which bounds memory whatever the consumer does.
 */
import type { Observable, Subscriber } from 'rxjs';
import type { BoundBatchTransform } from '../augment/index.js';
import { IdDigest } from '../core/id-digest.js';
import { type BadSample, type Batch, RxaugError, type Sample, show } from '../core/index.js';
import { BadCount } from './bad-count.js';
import { BatchRenderer, type Outcome } from './batch-renderer.js';
import type { BatchSettings } from './batch-settings.js';
import { type Demand, DemandSubscriber, Gate } from './demand.js';
import { derive } from './mix/mixing.js';
import { Skip } from './skip.js';

/** A batch in the order of the stream, rendered or not yet. */
interface Turn {
  /** Absent once rendering has started. */
  begin?: () => void;
  outcome?: Outcome;
  failure?: { readonly error: unknown };
}

export class Batcher {
  private readonly gate = new Gate(
    () => !this.closed && !this.ended && this.queue.length < this.settings.prefetch,
  );
  private readonly queue: Turn[] = [];
  private readonly bad: BadCount;
  private readonly renderer: BatchRenderer;
  private readonly skip: Skip;
  private group: Sample[] = [];
  private epoch = -1;
  /** Of the epoch: number of the next batch, samples so far, and the digest of their ids. */
  private index = 0;
  private taken = 0;
  private digest = new IdDigest();
  /** The data set of the last sample. */
  private lastOrigin = '';
  /** Class names that number the classes of batches: those of the first sample. */
  private classes: readonly string[] | undefined;
  private emitted = 0;
  /** Bad samples of groups without a batch; listed with the next one. */
  private unlisted: readonly BadSample[] = [];
  private closed = false;
  private ended = false;

  constructor(
    private readonly source: Observable<Sample>,
    private readonly settings: BatchSettings,
    transforms: readonly BoundBatchTransform[],
    private readonly subscriber: Subscriber<Batch>,
    private readonly demand: Demand,
  ) {
    this.bad = new BadCount(settings);
    this.renderer = new BatchRenderer(settings, transforms, demand.workers ?? settings.workers);
    this.skip = new Skip(demand.start);
  }

  /** Subscribes upstream; returns the teardown. */
  begin(): () => void {
    const { start, epochs } = this.demand;
    const upstream = new DemandSubscriber<Sample>(
      {
        next: (sample) => this.take(sample),
        error: (error) => this.end({ error }),
        complete: () => this.end(),
      },
      { gate: this.gate, start, epochs },
    );
    const unlisten = this.demand.gate?.listen(() => this.drain());
    this.source.subscribe(upstream);
    return () => {
      this.closed = true;
      upstream.unsubscribe();
      unlisten?.();
      for (const { outcome } of this.queue.splice(0)) outcome?.batch?.dispose();
      this.renderer.dispose();
    };
  }

  private take(sample: Sample): void {
    if (this.ended) return; // by an error that waits for earlier batches
    try {
      this.count(sample);
      if (this.skip.sample(sample, this.digest)) return;
    } catch (error) {
      this.end({ error });
      return;
    }
    if (this.group.length === 0) this.resumeIndex();
    this.group.push(sample);
    if (this.group.length === this.settings.size) this.flush();
  }

  private count({ id, epoch, origin }: Sample): void {
    if (epoch < this.epoch) {
      // Joined sources: such an epoch would have the order, draws and schedules of neither.
      throw new RxaugError(
        `batch: expected epochs in order but epoch ${epoch} of ${show(origin.name)} came after epoch ${this.epoch} of ${show(this.lastOrigin)}; join sources of one epoch each, or read all images as one data set`,
      );
    }
    if (epoch > this.epoch) this.beginEpoch(epoch);
    this.lastOrigin = origin.name;
    this.classes ??= origin.classes;
    this.taken++;
    this.digest.add(id);
  }

  private beginEpoch(epoch: number): void {
    if (this.group.length > 0) this.flush();
    this.epoch = epoch;
    this.index = 0;
    this.taken = 0;
    this.digest = new IdDigest();
  }

  /** The first batch after a start keeps its number in the epoch. */
  private resumeIndex(): void {
    const { start } = this.demand;
    if (start?.sample === undefined || this.epoch !== start.epoch || this.index > 0) return;
    this.index = start.batch ?? Math.ceil(start.sample / this.settings.size);
  }

  /** A failure waits for the batches before it: the output must not depend on timing. */
  private end(failure?: { error: unknown }): void {
    if (this.ended) return;
    if (failure) this.queue.push({ failure });
    else if (this.group.length > 0) this.flush();
    this.ended = true;
    try {
      if (!failure) this.skip.ended();
    } catch (error) {
      this.queue.push({ failure: { error } });
    }
    this.drain();
  }

  /** Queues a group of samples, unless it is before the start or dropped as incomplete. */
  private flush(): void {
    const samples = this.group;
    this.group = [];
    if (this.settings.dropLast && samples.length < this.settings.size) return;
    const index = this.index++;
    if (this.skip.group()) return;
    const place = { from: this.taken - samples.length, to: this.taken, digest: `${this.digest}` };
    const { classes = [] } = this;
    const turn: Turn = {};
    turn.begin = () => {
      turn.begin = undefined;
      this.renderer
        .render(samples, { index, place, classes })
        .then(
          (outcome) => {
            turn.outcome = outcome;
          },
          (error) => {
            turn.failure = { error };
          },
        )
        .then(() => this.drain());
    };
    this.queue.push(turn);
    this.beginNext();
  }

  /** A source that ignores the gate fills the queue, but at most `prefetch` batches have memory. */
  private beginNext(): void {
    for (let i = 0; i < this.queue.length && i < this.settings.prefetch; i++) this.queue[i]?.begin?.();
  }

  private drain(): void {
    while (!this.closed && this.queue.length > 0) {
      const { outcome, failure } = this.queue[0] as Turn;
      if (failure) this.subscriber.error(failure.error);
      if (!outcome || (outcome.batch && this.demand.gate && !this.demand.gate.open)) return;
      this.queue.shift();
      this.beginNext();
      this.hand(outcome);
      this.gate.notify();
    }
    if (!this.ended || this.closed || this.queue.length > 0) return;
    const none = this.emitted === 0 ? this.bad.none() : undefined;
    if (none) this.subscriber.error(none);
    else this.subscriber.complete();
  }

  /** Counts bad samples and emits the batch. */
  private hand({ batch, bad, samples }: Outcome): void {
    try {
      this.bad.add(bad, samples);
    } catch (error) {
      batch?.dispose();
      this.subscriber.error(error);
      return;
    }
    this.unlisted = [...this.unlisted, ...bad];
    if (!batch) return;
    this.emitted++;
    const listed = this.unlisted.length > bad.length ? derive(batch, { bad: this.unlisted }) : batch;
    this.unlisted = [];
    this.subscriber.next(listed);
  }
}
