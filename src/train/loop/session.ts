/** A task in training: its state, where it is in the stream, and what happens at a step and at an epoch's end. */
import { existsSync } from 'node:fs';
import type { z } from 'zod';
import { checkSpace } from '../../core/check-folder.js';
import type { CheckpointEvent, Metrics, StoppedEvent, TrainEvent, WeightsReport } from '../../core/events.js';
import { type Batch, fold, keyOf, RxaugError, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { isScheduled, learningRateAt, type learningRateSchema } from '../optimizers/learning-rate.js';
import { type Measured, type Progress, saveCheckpoint } from '../state/checkpoint.js';
import {
  cloneState,
  countNumbers,
  disposeState,
  flatten,
  readScalars,
  type State,
} from '../state/tensors.js';
import { gapOf, type StepContext, type Task } from '../task.js';
import { numberedAs } from './by-name.js';
import { Fed } from './data-identity.js';
import { type Best, type EarlyStoppingOptions, isExhausted, judge } from './early-stopping.js';
import { type Batches, measureUntil, Totals } from './evaluate.js';
import { firstBad } from './non-finite.js';
import { after, beginning, checkFirst, checkOrder } from './position.js';
import { bestFile, lastFile, type Resumed } from './resume.js';
import { weigh } from './weight-report.js';

export interface SessionOptions {
  readonly epochs?: number;
  readonly learningRate: z.output<typeof learningRateSchema>;
  readonly seed: number;
  /** Measured after epochs; classes are matched by name. */
  readonly validation?: Batches;
  /** Training images without augmentation, measured beside them. */
  readonly clean?: Batches;
  /** Epochs from one measurement to the next; the last epoch is always measured. */
  readonly evaluateEvery: number;
  readonly earlyStopping?: EarlyStoppingOptions;
  readonly checkpoint?: { readonly dir: string; readonly every?: number };
  /** Is shown the state, to be read and not to be kept, after every so many steps. */
  readonly watch?: { readonly every: number; see(state: State, step: number): void | Promise<void> };
  /** The name of what computes, for the start event. */
  readonly backend: string;
  readonly backendWhy?: string;
}

export class Session {
  private state: State;
  private steps = 0;
  /** Where the next batch is to be found. */
  private position = beginning(0);
  private readonly fed: Fed;
  private totals = new Totals();
  private last: Measured = {};
  private best?: Best;
  private bestState?: State;
  private stopped?: StoppedEvent['reason'];
  private learningRate = 0;
  /** Of this session, in milliseconds of steps and waits; and of the epoch. */
  private busy = { ms: 0, samples: 0, epochMs: 0, epochSamples: 0 };
  private savedAt = -1;
  private readonly began = performance.now();

  constructor(
    readonly task: Task,
    private readonly options: SessionOptions,
    private readonly emit: (event: TrainEvent) => void,
    private readonly signal: AbortSignal,
    private readonly resumed?: Resumed<Task>,
  ) {
    this.state = resumed?.state ?? task.init(keyOf(options.seed));
    if (resumed) {
      const { step, learningRate, totals, last, best } = resumed.progress;
      this.steps = step;
      this.learningRate = learningRate;
      this.position = resumed.position;
      this.totals = new Totals(totals.samples, { ...totals.sums });
      this.last = last;
      this.best = best;
      this.bestState = resumed.best;
    }
    this.checkSpace();
    const { fed, learningRate = 0 } = resumed?.progress ?? {};
    this.fed = new Fed(options, fed && { path: (resumed as Resumed<Task>).path, fed, learningRate });
    const { epoch, batch, sample = 0 } = this.position;
    emit({
      kind: 'start',
      model: task.name,
      parameters: countNumbers(this.state.params),
      backend: options.backend,
      ...(options.backendWhy !== undefined && { backendWhy: options.backendWhy }),
      seed: options.seed,
      classes: task.look.classes,
      epochs: options.epochs,
      options: { ...task.options, learningRate: options.learningRate },
      ...(resumed && { resumed: { path: resumed.path, step: this.steps, epoch, batch, sample } }),
    });
    this.judgeStop();
  }

  /** Refuses a disk without room for the files of this run, one of them once more while it is replaced. */
  private checkSpace(): void {
    const { checkpoint, earlyStopping } = this.options;
    if (!checkpoint) return;
    const { dir } = checkpoint;
    const files = [lastFile(dir), ...(earlyStopping ? [bestFile(dir)] : [])];
    const missing = files.filter((file) => !existsSync(file)).length;
    try {
      checkSpace(dir, 4 * countNumbers(flatten(this.state)) * (missing + 1));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get stopping(): boolean {
    return this.stopped !== undefined || this.signal.aborted;
  }

  /** Whether a batch belongs to a later epoch than the steps so far, so that theirs is complete. */
  isNextEpoch(batch: Batch): boolean {
    return this.totals.samples > 0 && batch.epoch !== this.position.epoch;
  }

  /** Refuses a batch from before the position, in an epoch that has ended or, of a resumed training, at all. */
  checkOrder(batch: Batch): void {
    const first = this.resumed && this.steps === this.resumed.progress.step;
    if (first && batch.place) checkFirst(batch, this.position);
    checkOrder(batch, this.position);
  }

  /** The batch in the class numbers of the task; says in one line what is not as in the checkpoint. */
  admit(given: Batch): Batch {
    const { look, ownClasses } = this.task;
    const batch = ownClasses ? given : numberedAs(given, look.classes, 'train');
    this.notify(this.fed.note(batch));
    return batch;
  }

  private notify(changes: readonly string[]): void {
    if (changes.length === 0) return;
    const message = `${this.resumed?.path}: training continues with ${changes.join('; ')}`;
    this.emit({ kind: 'notice', step: this.steps, epoch: this.position.epoch, message });
  }

  async step(batch: Batch, waitMs: number): Promise<void> {
    const { task } = this;
    task.check(batch);
    const from = performance.now();
    const { progress, epoch, index, size } = batch;
    if (epoch > 0 && progress === 0 && isScheduled(this.options.learningRate)) {
      throw new RxaugError(
        'train: learningRate is a schedule but the stream does not know how long training is; give epochs to train() or to the source',
      );
    }
    this.learningRate = learningRateAt(this.options.learningRate, progress);
    const metrics = await this.advance(batch);
    this.steps++;
    this.position = after(this.position, batch);
    this.totals.add(metrics, size);

    const stepMs = performance.now() - from;
    this.busy.ms += stepMs + waitMs;
    this.busy.epochMs += stepMs + waitMs;
    this.busy.samples += size;
    this.busy.epochSamples += size;
    const { steps: step, learningRate } = this;
    this.emit({
      kind: 'step',
      step,
      epoch,
      batch: index,
      size,
      metrics,
      learningRate,
      progress,
      stepMs,
      waitMs,
    });
    const { watch } = this.options;
    if (watch && step % watch.every === 0) await watch.see(this.state, step);
    const every = this.options.checkpoint?.every;
    if (every !== undefined && step % every === 0) await this.save('every');
  }

  /** One step of the task; the new state replaces the old one only if its loss is a number. */
  private async advance(batch: Batch): Promise<Metrics> {
    const { task, state, steps, learningRate } = this;
    const key = fold(keyOf(this.options.seed), tag('step'), steps);
    const feed = { ...task.feed(batch), learningRate: tf.scalar(learningRate) };
    const context = { key, progress: batch.progress };
    try {
      let next: ReturnType<Task['step']> | undefined;
      tf.tidy(() => {
        next = task.step(state, feed, context);
        return next as unknown as tf.TensorContainer;
      });
      const { state: after, metrics } = next as unknown as ReturnType<Task['step']>;
      const values = await readScalars(metrics);
      tf.dispose(metrics as Record<string, tf.Tensor>);
      const bad = ['loss', 'gradientNorm'].find((name) => name in values && !Number.isFinite(values[name]));
      if (bad !== undefined) {
        disposeState(after, state);
        const culprit = await this.culprit(feed, context);
        throw new RxaugError(
          `train: the ${bad === 'loss' ? 'loss' : 'norm of the gradient'} is ${values[bad]} at step ${steps + 1} (epoch ${batch.epoch}, learning rate ${learningRate}); lower the learning rate, give it a warm-up, or set clipNorm${culprit ? `; first not finite: ${culprit}` : ''}`,
        );
      }
      this.state = after;
      disposeState(state, after);
      return values;
    } finally {
      tf.dispose(feed);
    }
  }

  /** What was the first thing not to be finite in a step. */
  private async culprit(
    feed: Parameters<Task['step']>[1],
    context: StepContext,
  ): Promise<string | undefined> {
    const { task, state } = this;
    if (!task.probe) return undefined;
    const scalars = tf.tidy(() => task.probe?.(state, feed, context) as Record<string, tf.Tensor>);
    const values = await readScalars(scalars);
    tf.dispose(scalars);
    return firstBad(values);
  }

  /** Measures, tells, judges and saves, when the last batch of an epoch has been trained on. */
  async endEpoch({ final }: { readonly final: boolean }): Promise<void> {
    if (this.totals.samples === 0) return;
    const { epoch } = this.position;
    const train = this.totals.means();
    const due = final || (epoch + 1) % this.options.evaluateEvery === 0;
    const clean = due ? await this.measure('train', this.options.clean) : undefined;
    const validation = due ? await this.measure('validation', this.options.validation) : undefined;
    if (this.signal.aborted) return; // the epoch is ended when training goes on

    this.last = { train, clean, validation };
    const { epochMs: ms, epochSamples } = this.busy;
    this.emit({
      kind: 'epoch',
      epoch,
      step: this.steps,
      samples: this.totals.samples,
      train,
      clean,
      validation,
      gap: gapOf(clean ?? train, validation),
      weights: await this.weigh(this.state),
      learningRate: this.learningRate,
      seconds: ms / 1000,
      imagesPerSecond: (1000 * epochSamples) / Math.max(1e-3, ms),
    });
    this.notify(this.fed.endEpoch());
    this.position = beginning(epoch + 1);
    this.totals = new Totals();
    this.busy = { ...this.busy, epochMs: 0, epochSamples: 0 };
    if (due) await this.judgeEpoch(epoch);
    if (this.options.checkpoint) await this.save('epoch');
    this.judgeStop();
  }

  private async judgeEpoch(epoch: number): Promise<void> {
    const { earlyStopping, checkpoint } = this.options;
    if (!earlyStopping) return;
    const direction = this.task.direction(earlyStopping.metric);
    this.best = judge(this.best, { epoch, metrics: this.last }, earlyStopping, direction);
    if (this.best.epoch !== epoch) return;
    if (this.bestState) disposeState(this.bestState);
    this.bestState = earlyStopping.restore ? cloneState(this.state) : undefined;
    if (checkpoint) await this.save('best');
  }

  private judgeStop(): void {
    const { earlyStopping } = this.options;
    if (!earlyStopping || !this.best || !isExhausted(this.best, earlyStopping)) return;
    const { metric, epoch, since, value } = this.best;
    this.stop(
      'early-stopping',
      `validation ${metric} has not improved on ${value.toPrecision(4)} of epoch ${epoch} in ${since} evaluations`,
    );
  }

  private stop(reason: StoppedEvent['reason'], message: string): void {
    this.stopped = reason;
    this.emit({ kind: 'stopped', reason, step: this.steps, epoch: this.position.epoch, message });
  }

  /** Inference over a stream; undefined when there is none, or when it was aborted. */
  private async measure(set: string, batches: Batches | undefined): Promise<Metrics | undefined> {
    if (!batches) return undefined;
    const measured = await measureUntil(this.signal, this.task, this.state, batches);
    if (!measured) return undefined;
    const { epoch } = this.position;
    this.emit({ kind: 'evaluation', set, epoch, step: this.steps, ...measured });
    return measured.metrics;
  }

  private async weigh(state: State): Promise<WeightsReport | undefined> {
    const { kernels = [] } = this.task;
    return kernels.length > 0 ? weigh(state.params, kernels, this.learningRate) : undefined;
  }

  private async save(reason: CheckpointEvent['reason']): Promise<void> {
    const { dir } = this.options.checkpoint as { dir: string };
    const path = reason === 'best' ? bestFile(dir) : lastFile(dir);
    const { steps: step, learningRate, position, totals, last, best } = this;
    const { identity, look } = this.task;
    await saveCheckpoint(path, this.state, {
      identity,
      look: { input: [...look.input], classes: [...look.classes] },
      seed: this.options.seed,
      step,
      learningRate,
      position,
      fed: this.fed.record(),
      totals: { samples: totals.samples, sums: totals.sums },
      last,
      best,
    } satisfies Progress);
    if (reason !== 'best') this.savedAt = step;
    this.emit({ kind: 'checkpoint', path, step, epoch: position.epoch, reason });
  }

  /**
   * Saves what no checkpoint has yet, if that can be done: there is something else to be said. Nothing where a resumed
   * training was refused before its first step.
   */
  async keep(): Promise<void> {
    const before = this.resumed?.progress.step ?? 0;
    if (!this.options.checkpoint || this.steps === before || this.savedAt === this.steps) return;
    await this.save('stopped').catch(() => {});
  }

  /** The last word: what was aborted is saved, what was best is restored. Gives the state away. */
  async finish(): Promise<State> {
    const { checkpoint, earlyStopping, epochs } = this.options;
    if (this.stopped === undefined && this.signal.aborted) {
      if (checkpoint && this.savedAt !== this.steps) await this.save('stopped');
      this.stop(
        'aborted',
        `stopped after step ${this.steps}${checkpoint ? '; resume goes on from here' : ''}`,
      );
    }
    if (this.stopped === undefined && epochs !== undefined && this.position.epoch < epochs) {
      throw new RxaugError(
        `train: expected ${epochs} epochs but the stream ended after ${this.position.epoch}; its source cannot repeat: give it the epochs itself`,
      );
    }
    const restored =
      this.stopped !== 'aborted' && earlyStopping?.restore === true && this.bestState !== undefined;
    const shown = restored && this.best ? this.best.metrics : this.last;
    const { best, busy } = this;
    const kept = restored ? (this.bestState as State) : this.state;
    const weights = await this.weigh(kept);
    this.emit({
      kind: 'done',
      step: this.steps,
      epochs: this.position.epoch,
      stopped: this.stopped,
      ...shown,
      gap: gapOf(shown.clean ?? shown.train, shown.validation),
      weights,
      ...(best && { best: { epoch: best.epoch, metric: best.metric, value: best.value, restored } }),
      ...(checkpoint && { checkpoint: restored ? bestFile(checkpoint.dir) : lastFile(checkpoint.dir) }),
      seconds: (performance.now() - this.began) / 1000,
      imagesPerSecond: (1000 * busy.samples) / Math.max(1e-3, busy.ms),
    });
    const left = restored ? this.state : this.bestState;
    if (left) disposeState(left);
    return kept;
  }

  /** After a failure. */
  dispose(): void {
    disposeState(this.state);
    if (this.bestState) disposeState(this.bestState);
  }
}
