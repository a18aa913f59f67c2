/**
 * One subscription to `batch`: gathers samples, has them rendered, hands batches on in order. It asks its
 * source for samples only while fewer than `prefetch` batches are under way, so memory is bounded whatever
 * the consumer does.
 */
import type { Observable, Subscriber } from 'rxjs';
import { type BatchOp, type BoundBatchTransform, batchOps } from '../augment/index.js';
import {
  type BadSample,
  type Batch,
  type Dtype,
  fold,
  keyOf,
  type Layout,
  messageOf,
  type Registry,
  RxaugError,
  type Sample,
  tag,
} from '../core/index.js';
import type { DecoderOptions } from '../io/decode.js';
import { BadCount } from './bad-count.js';
import { type Demand, DemandSubscriber, Gate } from './demand.js';
import { derive, drawMixes, mixedTargets } from './mixing.js';
import { Renderer, rowsOf, type Slot } from './renderer.js';
import type { Runner } from './runner.js';
import { acquireRunner } from './shared-pools.js';
import { Slots } from './slots.js';

export interface BatchSettings {
  readonly size: number;
  readonly dtype: Dtype;
  readonly layout: Layout;
  readonly dropLast: boolean;
  readonly workers: number;
  readonly prefetch: number;
  readonly onBadSample: 'skip' | 'fail';
  readonly maxBad: number;
  readonly modules: readonly string[];
  readonly decoder: DecoderOptions;
  readonly hangSeconds: number;
}

/** Rows of a job: enough to make messages cheap, few enough to share a batch among workers. */
const CHUNK = 64;

/** A batch under way, in the order of the stream; null once it turned out to be empty. */
interface Pending {
  batch?: Batch | null;
}

export class Assembly {
  private readonly gate = new Gate(() => !this.closed && this.queue.length < this.settings.prefetch);
  private readonly queue: Pending[] = [];
  private readonly slots = new Slots();
  private readonly bad: BadCount;
  private readonly ops: Registry<BatchOp> = batchOps();
  private readonly measurer: Promise<Renderer>;
  private readonly runner: Runner;
  private readonly workers: number;
  private group: Sample[] = [];
  private epoch = -1;
  private index = 0;
  private closed = false;
  private ended = false;

  constructor(
    private readonly source: Observable<Sample>,
    private readonly settings: BatchSettings,
    private readonly transforms: readonly BoundBatchTransform[],
    private readonly subscriber: Subscriber<Batch>,
    private readonly demand: Demand,
  ) {
    const { modules, decoder, hangSeconds } = settings;
    this.bad = new BadCount(settings);
    this.measurer = Renderer.create({ modules, decoder });
    this.measurer.catch(() => undefined); // reported by the batch that waits for it
    this.workers = demand.workers ?? settings.workers;
    this.runner = acquireRunner({ workers: this.workers, modules, decoder, hangSeconds });
  }

  /** Subscribes upstream; returns the teardown. */
  begin(): () => void {
    const { start, epochs } = this.demand;
    const upstream = new DemandSubscriber<Sample>(
      { next: (sample) => this.take(sample), error: (error) => this.fail(error), complete: () => this.end() },
      { gate: this.gate, start, epochs },
    );
    const unlisten = this.demand.gate?.listen(() => this.drain());
    this.source.subscribe(upstream);
    return () => {
      this.closed = true;
      upstream.unsubscribe();
      unlisten?.();
      this.runner.dispose();
      this.slots.dispose();
      void this.measurer.then(
        (renderer) => renderer.dispose(),
        () => undefined,
      );
    };
  }

  private take(sample: Sample): void {
    const first = this.group[0];
    if (first && first.epoch !== sample.epoch) this.flush();
    this.group.push(sample);
    if (this.group.length === this.settings.size) this.flush();
  }

  private end(): void {
    if (this.group.length > 0) this.flush();
    this.ended = true;
    this.drain();
  }

  /** A group becomes a batch under way, unless it lies before the start or is cut off as incomplete. */
  private flush(): void {
    const samples = this.group;
    this.group = [];
    const { epoch } = samples[0] as Sample;
    if (epoch !== this.epoch) [this.epoch, this.index] = [epoch, 0];
    if (this.settings.dropLast && samples.length < this.settings.size) return;
    const index = this.index++;
    const { start } = this.demand;
    if (start && epoch === start.epoch && index < start.batch) return;
    const pending: Pending = {};
    this.queue.push(pending);
    this.render(samples, index).then(
      (batch) => {
        pending.batch = batch;
        this.drain();
      },
      (error) => this.fail(error),
    );
  }

  private drain(): void {
    while (!this.closed && this.queue.length > 0) {
      const { batch } = this.queue[0] as Pending;
      if (batch === undefined) return;
      if (batch !== null && this.demand.gate && !this.demand.gate.open) return;
      this.queue.shift();
      if (batch !== null) this.subscriber.next(batch);
      this.gate.notify();
    }
    if (this.ended && !this.closed && this.queue.length === 0) this.subscriber.complete();
  }

  private fail(error: unknown): void {
    if (!this.closed) this.subscriber.error(error);
  }

  private async render(samples: Sample[], index: number): Promise<Batch | null> {
    const bad: BadSample[] = [];
    const shape = await this.measure(samples, bad);
    if (!shape) {
      this.bad.add(bad, samples);
      return null;
    }
    const { dtype, layout } = this.settings;
    const values = 3 * shape.height * shape.width;
    const buffer = this.slots.take(samples.length * values * (dtype === 'uint8' ? 1 : 4));
    const slot: Slot = { buffer, dtype, layout, ...shape };
    const timings = await this.renderRows(samples, slot, bad);
    this.bad.add(bad, samples);
    const left = new Set(bad.map(({ id }) => id));
    const rows = samples.map((sample, row) => ({ sample, row })).filter(({ sample }) => !left.has(sample.id));
    if (rows.length === 0) {
      this.slots.give(buffer);
      return null;
    }
    compact(
      slot,
      rows.map(({ row }) => row),
    );
    const batch = this.wrap(
      rows.map(({ sample }) => sample),
      slot,
      index,
      bad,
      timings,
    );
    return this.transforms.length > 0 ? this.mix(batch, slot) : batch;
  }

  /** Height and width of the group: those of its first sample that has any. */
  private async measure(samples: Sample[], bad: BadSample[]) {
    const renderer = await this.measurer;
    for (const sample of samples) {
      try {
        const { height, width } = await renderer.measure(sample);
        return { height, width };
      } catch (error) {
        if ((error as Error).name !== 'BadSampleError') throw error;
        bad.push({ id: sample.id, reason: messageOf(error) });
      }
    }
    return undefined;
  }

  private async renderRows(samples: Sample[], slot: Slot, bad: BadSample[]) {
    const known = new Set(bad.map(({ id }) => id));
    const chunk = Math.min(CHUNK, Math.ceil(samples.length / Math.max(1, this.workers)));
    const jobs = [];
    for (let first = 0; first < samples.length; first += chunk) {
      const rows = samples
        .slice(first, first + chunk)
        .map(({ id, image, recipe }) => ({ id, image, recipe }));
      jobs.push(this.runner.run({ kind: 'render', slot, first, rows }).then((result) => ({ first, result })));
    }
    const timings = { decode: 0, render: 0, mix: 0 };
    for (const { first, result } of await Promise.all(jobs)) {
      timings.decode += result.decode;
      timings.render += result.render;
      for (const { row, reason } of result.failures) {
        const { id } = samples[first + row] as Sample;
        if (!known.has(id)) bad.push({ id, reason });
      }
    }
    return timings;
  }

  private async mix(batch: Batch, slot: Slot): Promise<Batch> {
    const draws = drawMixes(this.transforms, batch.key, batch);
    const mixes = this.transforms.length;
    if (draws.length === 0) return derive(batch, { mixes });
    const { render } = await this.runner.run({ kind: 'mix', slot, size: batch.size, draws });
    const soft = mixedTargets(draws, batch, this.ops);
    return derive(batch, { soft, recipe: draws, mixes, timings: { ...batch.timings, mix: render } });
  }

  private wrap(
    samples: Sample[],
    slot: Slot,
    index: number,
    bad: BadSample[],
    timings: Batch['timings'],
  ): Batch {
    const { epoch, progress, origin } = samples[0] as Sample;
    const { height, width, dtype, layout, buffer } = slot;
    let given = false;
    const dispose = () => {
      if (!given) this.slots.give(buffer);
      given = true;
    };
    return {
      index,
      epoch,
      progress,
      size: samples.length,
      height,
      width,
      channels: 3,
      dtype,
      layout,
      images: rowsOf(slot, 0, samples.length),
      labels: Int32Array.from(samples, ({ label }) => (typeof label === 'number' ? label : largest(label))),
      soft: samples.some(({ label }) => typeof label !== 'number') ? softLabels(samples) : undefined,
      samples,
      recipe: [],
      mixes: 0,
      origin,
      bad,
      timings,
      key: fold(keyOf(origin.seed), tag('batch'), epoch, index),
      dispose,
      [Symbol.dispose]: dispose,
    };
  }
}

/** Closes the gaps that bad rows left, keeping the order. */
function compact(slot: Slot, rows: readonly number[]): void {
  rows.forEach((from, to) => {
    if (from !== to) rowsOf(slot, to, 1).set(rowsOf(slot, from, 1));
  });
}

function largest(distribution: Float32Array): number {
  let best = 0;
  distribution.forEach((value, i) => {
    if (value > (distribution[best] as number)) best = i;
  });
  return best;
}

/** [B, K], hard labels one-hot. */
function softLabels(samples: readonly Sample[]): Float32Array {
  const classes = (samples[0] as Sample).origin.classes.length;
  const soft = new Float32Array(samples.length * classes);
  samples.forEach(({ id, label }, i) => {
    if (typeof label === 'number') soft[i * classes + label] = 1;
    else if (label.length === classes) soft.set(label, i * classes);
    else
      throw new RxaugError(
        `${id}: expected a label of ${classes} values but received ${label.length}; give one value a class`,
      );
  });
  return soft;
}
