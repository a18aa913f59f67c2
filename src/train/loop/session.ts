/** A task in training: its state, its position in the stream, steps and ends of epochs. */
import { existsSync } from 'node:fs';
import type { z } from 'zod';
import type { CheckpointEvent, Metrics, StoppedEvent, TrainEvent, WeightsReport } from '../../core/events.js';
import { checkSpace } from '../../core/files/check-folder.js';
import { type Batch, keyOf, RxaugError } from '../../core/index.js';
import type { Preprocessing } from '../../stream/preprocessing.js';
import { type CompileOptions, stepperOf } from '../compiled/stepper-of.js';
import type { learningRateSchema } from '../optimizers/learning-rate.js';
import { type Measured, type Progress, saveCheckpoint } from '../state/checkpoint.js';
import { DivergedError } from '../state/diverged.js';
import { cloneState, countNumbers, disposeState, flatten, type State } from '../state/tensors.js';
import { type Compute, gapOf, type Task } from '../task.js';
import { type BegunStep, beginStep, freeStep } from './begun-step.js';
import { numberedAs } from './by-name.js';
import { Fed } from './data-identity.js';
import { type Best, type EarlyStoppingOptions, isExhausted, updateBest } from './early-stopping.js';
import { type Batches, measureUntil, Totals } from './evaluate.js';
import { firstState } from './first-state.js';
import { optionChanges } from './option-changes.js';
import { Pace } from './pace.js';
import { after, beginning, checkFirst, checkOrder } from './position.js';
import { bestFile, lastFile, type Resumed, subjectOf } from './resume.js';
import { checkEnds, schedulingOf } from './schedules.js';
import { SlowBackend } from './slow-backend.js';
import type { Stepper } from './stepper.js';
import { divergedIn, weightsDiverged } from './weight-norm.js';
import { weightReport } from './weight-report.js';

export interface SessionOptions extends CompileOptions {
  readonly epochs?: number;
  readonly streamEpochs?: number;
  readonly learningRate: z.output<typeof learningRateSchema>;
  readonly seed: number;
  /** Evaluated after epochs; classes are matched by name. */
  readonly validation?: Batches;
  /** Training images without augmentation, evaluated too. */
  readonly trainEvaluation?: Batches;
  /** Epochs between two evaluations; the last epoch is always evaluated. */
  readonly evaluateEvery: number;
  readonly earlyStopping?: EarlyStoppingOptions;
  readonly checkpoint?: { readonly dir: string; readonly every?: number };
  /** Called with the state after every `every` steps; it may read the state but not keep it. */
  readonly watch?: { readonly every: number; see(state: State, step: number): void | Promise<void> };
  /** Preprocessing of images, for checkpoints. */
  readonly preprocessing?: Preprocessing;
  /** Name of the backend, for the start event. */
  readonly backend: string;
  readonly backendWhy?: string;
  /** Whether it was chosen because a faster backend is missing. */
  readonly fallback?: boolean;
}

export class Session {
  readonly stepper: Stepper;
  private steps = 0;
  private position = beginning(0); // of the next batch
  private readonly fed: Fed;
  private totals = new Totals();
  private last: Measured = {};
  private best?: Best;
  private bestState?: State;
  private stopped?: StoppedEvent['reason'];
  private learningRate = 0;
  /** Of this session. */
  private readonly pace = new Pace();
  private savedAt = -1;
  /** Options that differ from those of the checkpoint, until a notice names them. */
  private readonly changedOptions: string[];
  /** The last step after which the weights were finite. */
  private soundAt = -1;
  private diverged = false;
  private readonly slow: SlowBackend | undefined;
  private readonly began = performance.now();
  /** The step that was begun last, until its metrics are there. */
  private underway: (BegunStep & { readonly waitMs: number }) | undefined;

  constructor(
    readonly task: Task,
    private readonly options: SessionOptions,
    private readonly emit: (event: TrainEvent) => void,
    private readonly signal: AbortSignal,
    private readonly resumed?: Resumed<Task>,
  ) {
    const { state, sentence } = firstState(task, keyOf(options.seed), resumed);
    this.stepper = stepperOf(task, state, options, (message) => this.notice(message));
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
    this.changedOptions = optionChanges(resumed?.progress.options, task.options);
    this.slow = options.fallback ? new SlowBackend() : undefined;
    this.checkSpace(state);
    const { fed, learningRate = 0 } = resumed?.progress ?? {};
    this.fed = new Fed(options, fed && { path: (resumed as Resumed<Task>).path, fed, learningRate });
    const { epoch, batch, sample = 0 } = this.position;
    emit({
      kind: 'start',
      model: task.name,
      parameters: countNumbers(state.params),
      backend: options.backend,
      ...(options.backendWhy !== undefined && { backendWhy: options.backendWhy }),
      ...(this.stepper.compiledBy && { compiledBy: this.stepper.compiledBy }),
      seed: options.seed,
      classes: task.spec.classes,
      epochs: options.epochs ?? options.streamEpochs,
      options: { ...task.options, learningRate: options.learningRate },
      ...(resumed && { resumed: { path: resumed.path, step: this.steps, epoch, batch, sample } }),
    });
    if (sentence) this.notice(sentence);
    this.stopIfExhausted();
  }

  /** Refuses a disk without space for the files of this run and one temporary copy. */
  private checkSpace(state: State): void {
    const { checkpoint, earlyStopping } = this.options;
    if (!checkpoint) return;
    const { dir } = checkpoint;
    const files = [lastFile(dir), ...(earlyStopping ? [bestFile(dir)] : [])];
    const missing = files.filter((file) => !existsSync(file)).length;
    try {
      checkSpace(dir, 4 * countNumbers(flatten(state)) * (missing + 1));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get stopping(): boolean {
    return this.stopped !== undefined || this.signal.aborted;
  }

  /** Whether a batch belongs to a later epoch than the steps so far, whose epoch is then complete. */
  isNextEpoch(batch: Batch): boolean {
    const begun = this.totals.samples > 0 || this.underway !== undefined;
    return begun && batch.epoch !== this.position.epoch;
  }

  /** Refuses a batch of a finished epoch and, in a resumed training, any batch before the position. */
  checkOrder(batch: Batch): void {
    const first = this.resumed && this.steps === this.resumed.progress.step;
    if (first && batch.place) checkFirst(batch, this.position);
    checkOrder(batch, this.position);
  }

  /** The batch by the class numbers of the task. Reports differences from the checkpoint in one line. */
  admit(given: Batch): Batch {
    const { spec, ownClasses } = this.task;
    checkEnds(schedulingOf(this.task, this.options), given);
    const batch = ownClasses ? given : numberedAs(given, spec.classes, 'train');
    this.notify([...this.changedOptions.splice(0), ...this.fed.note(batch)]);
    return batch;
  }

  private notify(changes: readonly string[]): void {
    if (changes.length > 0)
      this.notice(`${this.resumed?.path}: training continues with ${changes.join('; ')}`);
  }

  /** Emits a notice. */
  notice(message: string): void {
    this.emit({ kind: 'notice', step: this.steps, epoch: this.position.epoch, message });
  }

  /**
   * Begins a step on a batch, of which the session disposes. Where steps overlap with what the host does, its events come
   * with the next step, or with whatever needs the state.
   */
  async step(batch: Batch, waitMs: number): Promise<void> {
    const before = this.underway;
    this.underway = { ...(await beginStep(this, this.options, batch, this.steps + 1)), waitMs };
    this.steps++;
    this.learningRate = this.underway.learningRate;
    this.position = after(this.position, batch);
    if (before) await this.settle(before);
    const { watch, checkpoint } = this.options;
    const { steps: step, stepper } = this;
    const due = (every: number | undefined) => every !== undefined && step % every === 0;
    if (!stepper.overlaps || due(watch?.every) || due(checkpoint?.every)) await this.settleAll();
    if (watch && due(watch.every)) await watch.see(await stepper.state(), step);
    if (due(checkpoint?.every)) await this.save('every');
  }

  /** Waits for the metrics of the step that was begun last. */
  private async settleAll(): Promise<void> {
    if (this.underway) await this.settle(this.underway);
  }

  /** Waits for the metrics of a step and reports them. @throws DivergedError */
  private async settle(one: BegunStep & { readonly waitMs: number }): Promise<void> {
    const { batch, step, learningRate, from, waitMs } = one;
    const { progress, epoch, index, size, bad } = batch;
    let metrics: Metrics;
    try {
      metrics = await one.metrics;
    } catch (error) {
      this.diverged ||= error instanceof DivergedError;
      throw error;
    } finally {
      if (this.underway === one) this.underway = undefined;
      freeStep(one);
    }
    this.totals.add(metrics, size, bad);
    const stepMs = this.pace.add(from, waitMs, size);
    this.emit({
      ...{ kind: 'step', step, epoch, batch: index, size, metrics },
      ...{ learningRate, progress, stepMs, waitMs },
    });
    const cost = this.slow?.note({ stepMs, progress });
    if (cost) this.notice(cost);
  }

  /** Ends an epoch after its last batch: evaluates, reports, updates the best epoch and saves. */
  async endEpoch({ final }: { readonly final: boolean }): Promise<void> {
    await this.settleAll();
    if (this.totals.samples === 0) return this.noticeFinished(final);
    await this.checkWeights();
    const { epoch } = this.position;
    const train = this.totals.means();
    const due = final || (epoch + 1) % this.options.evaluateEvery === 0;
    const clean = due ? await this.measure('train', this.options.trainEvaluation) : undefined;
    const validation = due ? await this.measure('validation', this.options.validation) : undefined;
    if (this.signal.aborted) return; // the epoch ends when training is resumed

    this.last = { train, clean, validation };
    this.emit({
      kind: 'epoch',
      epoch,
      step: this.steps,
      ...this.totals.counts,
      train,
      clean,
      validation,
      gap: gapOf(clean ?? train, validation),
      weights: await this.reportWeights(await this.stepper.state()),
      learningRate: this.learningRate,
      seconds: this.pace.seconds,
      imagesPerSecond: this.pace.imagesPerSecond.epoch,
    });
    this.notify(this.fed.endEpoch());
    this.position = beginning(epoch + 1);
    this.totals = new Totals();
    this.pace.nextEpoch();
    if (due) await this.rankEpoch(epoch);
    if (this.options.checkpoint) await this.save('epoch');
    this.stopIfExhausted();
  }

  /** Reports that a resumed training is finished already. */
  private noticeFinished(final: boolean): void {
    const { resumed, steps, position } = this;
    if (!final || !resumed || steps !== resumed.progress.step) return;
    this.notice(
      `${resumed.path}: this training is finished already, after epoch ${position.epoch} and step ${steps}; nothing was trained: give more epochs to continue`,
    );
  }

  /** @throws DivergedError if the weights have diverged */
  private async checkWeights(): Promise<void> {
    if (this.soundAt === this.steps) return;
    const found = await divergedIn(await this.stepper.state());
    this.diverged = found !== undefined;
    if (found) throw weightsDiverged(found, this.steps, this.learningRate);
    this.soundAt = this.steps;
  }

  private async rankEpoch(epoch: number): Promise<void> {
    const { earlyStopping, checkpoint } = this.options;
    if (!earlyStopping) return;
    const direction = this.task.direction(earlyStopping.metric);
    this.best = updateBest(this.best, { epoch, metrics: this.last }, earlyStopping, direction);
    if (this.best.epoch !== epoch) return;
    if (this.bestState) disposeState(this.bestState);
    this.bestState = earlyStopping.restore ? cloneState(await this.stepper.state()) : undefined;
    if (checkpoint) await this.save('best');
  }

  private stopIfExhausted(): void {
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

  /** Evaluates on a stream; undefined if there is none or it was aborted. */
  private async measure(set: string, batches: Batches | undefined): Promise<Metrics | undefined> {
    if (!batches) return undefined;
    const { stepper, task, signal } = this;
    const compute: Compute = (...given) => stepper.compute(...given);
    const measured = await measureUntil(signal, task, await stepper.state(), batches, compute);
    if (!measured) return undefined;
    const { epoch } = this.position;
    this.emit({ kind: 'evaluation', set, epoch, step: this.steps, ...measured });
    return measured.metrics;
  }

  private async reportWeights(state: State): Promise<WeightsReport | undefined> {
    const { kernels = [] } = this.task;
    return kernels.length > 0 ? weightReport(state.params, kernels, this.learningRate) : undefined;
  }

  private async save(reason: CheckpointEvent['reason']): Promise<void> {
    await this.checkWeights();
    const { dir } = this.options.checkpoint as { dir: string };
    const path = reason === 'best' ? bestFile(dir) : lastFile(dir);
    const { steps: step, learningRate, position, totals, last, best } = this;
    await saveCheckpoint(path, await this.stepper.state(), {
      ...subjectOf(this.task),
      ...(this.options.preprocessing && { preprocessing: this.options.preprocessing }),
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
   * Saves unsaved steps before an error is thrown, if possible. Does nothing if a resumed training was refused before its
   * first step.
   */
  async keep(): Promise<void> {
    const before = this.resumed?.progress.step ?? 0;
    await this.settleAll().catch(() => {}); // the error that is thrown already comes first
    if (!this.options.checkpoint || this.diverged || this.steps === before || this.savedAt === this.steps)
      return;
    await this.save('stopped').catch(() => {});
  }

  /** Ends the run: saves after an abort, restores the best weights, and transfers the state to the caller. */
  async finish(): Promise<State> {
    const { checkpoint, earlyStopping, epochs } = this.options;
    await this.settleAll();
    if (this.stopped === undefined && this.signal.aborted) {
      await this.checkWeights();
      if (checkpoint && this.savedAt !== this.steps) await this.save('stopped');
      this.stop(
        'aborted',
        `stopped after step ${this.steps}${checkpoint ? '; resume to continue from here' : ''}`,
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
    const { best, pace } = this;
    const own = await this.stepper.take();
    const kept = restored ? (this.bestState as State) : own;
    const weights = await this.reportWeights(kept);
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
      imagesPerSecond: pace.imagesPerSecond.whole,
    });
    const left = restored ? own : this.bestState;
    if (left) disposeState(left);
    return kept;
  }

  /** Frees the state after a failure. */
  dispose(): void {
    if (this.underway) freeStep(this.underway);
    this.stepper.dispose();
    if (this.bestState) disposeState(this.bestState);
  }
}
