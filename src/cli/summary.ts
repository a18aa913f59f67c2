/** The result of a run, from its events: the final line of `rxaug run --json`. */
import type { DoneEvent, StartEvent, WeightsReport } from '../core/events.js';
import type { PipelineEvent } from '../pipeline/define-pipeline.js';
import { percent } from '../report/format.js';

/** One training. Accuracies are shares in [0, 1]. */
export interface TrainingSummary {
  readonly testAccuracy?: number;
  /** Of training images without augmentation where they were measured, else as they were trained on. */
  readonly trainAccuracy?: number;
  readonly gap?: number;
  readonly testLoss?: number;
  /** The share of test images whose class is among the five likeliest; of more than five classes. */
  readonly testTop5?: number;
  /** Expected calibration error on the test images, a share. */
  readonly testEce?: number;
  readonly weights?: WeightsReport;
  readonly trainLoss?: number;
  /** Absent where nothing was trained, since the training was finished already. */
  readonly imagesPerSecond?: number;
  readonly epochs: number;
  readonly steps: number;
  readonly seconds: number;
  readonly model?: string;
  readonly parameters?: number;
  readonly backend?: string;
  readonly stopped?: string;
  readonly checkpoint?: string;
}

const ONLY = '';

export class Summary {
  private readonly starts = new Map<string, StartEvent>();
  private readonly dones = new Map<string, DoneEvent>();
  private readonly results: Record<string, unknown> = {};
  private readonly files: { path: string; what: string }[] = [];

  /** Whether a checkpoint was written, or continued from: then the run can be resumed. */
  saved = false;

  add(event: PipelineEvent): void {
    if (event.kind === 'checkpoint' || (event.kind === 'start' && event.resumed)) this.saved = true;
    if (event.kind === 'start') this.starts.set(event.run ?? ONLY, event);
    else if (event.kind === 'done') this.dones.set(event.run ?? ONLY, event);
    else if (event.kind === 'result') Object.assign(this.results, event.values);
    else if (event.kind === 'file') this.files.push({ path: event.path, what: event.what });
  }

  /** A single training, or several by name. */
  get trainings(): ReadonlyMap<string, TrainingSummary> {
    return new Map([...this.dones].map(([run, done]) => [run, summarize(done, this.starts.get(run))]));
  }

  toJSON(): Record<string, unknown> {
    const { [ONLY]: only, ...named } = Object.fromEntries(this.trainings);
    return {
      ...only,
      ...(Object.keys(named).length > 0 && { runs: named }),
      ...this.results,
      ...(this.files.length > 0 && { files: this.files }),
    };
  }
}

function summarize(done: DoneEvent, start: StartEvent | undefined): TrainingSummary {
  const seen = done.clean ?? done.train;
  return {
    testAccuracy: done.validation?.accuracy,
    trainAccuracy: seen?.accuracy,
    gap: done.gap,
    testLoss: done.validation?.loss,
    testTop5: done.validation?.top5,
    testEce: done.validation?.ece,
    weights: done.weights,
    trainLoss: seen?.loss,
    imagesPerSecond: done.imagesPerSecond,
    epochs: done.epochs,
    steps: done.step,
    seconds: done.seconds,
    model: start?.model,
    parameters: start?.parameters,
    backend: start?.backend,
    stopped: done.stopped,
    checkpoint: done.checkpoint,
  };
}

/** One training in one line of text. */
export function sentenceFor({
  testAccuracy,
  trainAccuracy,
  gap,
  testEce,
  imagesPerSecond,
  epochs,
}: TrainingSummary): string {
  const parts = [
    testAccuracy !== undefined && `test accuracy ${percent(testAccuracy)}`,
    trainAccuracy !== undefined && `train accuracy ${percent(trainAccuracy)}`,
    gap !== undefined && `gap ${percent(gap)}`,
    testEce !== undefined && `ECE ${percent(testEce)}`,
    `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`,
    imagesPerSecond !== undefined && `${Math.round(imagesPerSecond)} images/s`,
  ];
  return parts.filter(Boolean).join(', ');
}
