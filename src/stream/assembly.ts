/**
 * One subscription to `batch`: gathers samples, has them rendered, hands batches on in order. It asks its
 * source for samples only while fewer than `prefetch` batches are under way, so memory is bounded whatever
 * the consumer does.
 */
import type { Observable, Subscriber } from 'rxjs';
import type { BoundBatchTransform } from '../augment/index.js';
import type { BadSample, Batch, Sample } from '../core/index.js';
import { BadCount } from './bad-count.js';
import type { BatchSettings } from './batch-settings.js';
import { type Demand, DemandSubscriber, Gate } from './demand.js';
import { GroupRenderer, type Outcome } from './group-renderer.js';
import { derive } from './mixing.js';

/** A place in the order of the stream. */
interface Place {
  /** Absent once rendering has begun. */
  begin?: () => void;
  outcome?: Outcome;
  failure?: { readonly error: unknown };
}

export class Assembly {
  private readonly gate = new Gate(() => !this.closed && this.queue.length < this.settings.prefetch);
  private readonly queue: Place[] = [];
  private readonly bad: BadCount;
  private readonly renderer: GroupRenderer;
  private group: Sample[] = [];
  private epoch = -1;
  private index = 0;
  private emitted = 0;
  /** Groups before the start. */
  private skipped = 0;
  /** Of groups that gave no batch: they are listed with the next one. */
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
    this.renderer = new GroupRenderer(settings, transforms, demand.workers ?? settings.workers);
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
    const first = this.group[0];
    if (first && first.epoch !== sample.epoch) this.flush();
    this.group.push(sample);
    if (this.group.length === this.settings.size) this.flush();
  }

  /** A failure of the source waits for the batches before it, so that what is seen does not depend on timing. */
  private end(failure?: { error: unknown }): void {
    if (failure) this.queue.push({ failure });
    else if (this.group.length > 0) this.flush();
    this.ended = true;
    this.drain();
  }

  /** A group takes its place in the stream, unless it lies before the start or is cut off as incomplete. */
  private flush(): void {
    const samples = this.group;
    this.group = [];
    const { epoch } = samples[0] as Sample;
    if (epoch !== this.epoch) [this.epoch, this.index] = [epoch, 0];
    if (this.settings.dropLast && samples.length < this.settings.size) return;
    const index = this.index++;
    const { start } = this.demand;
    if (start && epoch >= start.epoch && this.skipped < start.batch) {
      this.skipped++;
      return;
    }
    const place: Place = {};
    place.begin = () => {
      place.begin = undefined;
      this.renderer
        .render(samples, index)
        .then(
          (outcome) => {
            place.outcome = outcome;
          },
          (error) => {
            place.failure = { error };
          },
        )
        .then(() => this.drain());
    };
    this.queue.push(place);
    this.beginNext();
  }

  /** A source that pays no heed to the gate fills the queue, but no more than `prefetch` batches have memory. */
  private beginNext(): void {
    for (let i = 0; i < this.queue.length && i < this.settings.prefetch; i++) this.queue[i]?.begin?.();
  }

  private drain(): void {
    while (!this.closed && this.queue.length > 0) {
      const { outcome, failure } = this.queue[0] as Place;
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

  /** Counts what is bad and hands the batch on. */
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
