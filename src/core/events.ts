/** The events of a trainer. */
import type { BadSample } from './batch.js';

/** Numbers by name: `loss`, `accuracy`, whatever else the task measures. */
export type Metrics = Readonly<Record<string, number>>;

/** What the weights are like: kernels only, without biases and normalization. */
export interface WeightsReport {
  /** √Σw² over all kernels. */
  readonly norm: number;
  /** By the name of the kernel. */
  readonly norms: Readonly<Record<string, number>>;
  /** Share of numbers that are exactly 0. */
  readonly zeros: number;
  /** Share of numbers with |w| < 1e-6. */
  readonly nearZeros: number;
  /** Mean over kernels of η/‖w‖²; those that are all 0 do not count. */
  readonly effectiveLearningRate: number;
}

/** Training begins, or continues from a checkpoint. */
export interface StartEvent {
  readonly kind: 'start';
  /** 'resnet-20'. */
  readonly model: string;
  /** Numbers in the parameters that are trained. */
  readonly parameters: number;
  readonly backend: string;
  /** One sentence: which backend that is, and why it was taken. */
  readonly backendWhy?: string;
  /** What steps are compiled by: 'TensorFlow' or 'XLA'; absent: kernels run one by one. A later `notice` may take it back. */
  readonly compiledBy?: string;
  readonly seed: number;
  readonly classes?: readonly string[];
  /** Requested epochs, if known. */
  readonly epochs?: number;
  /** What else shapes training, as plain JSON: optimizer, learning rate, regularizers that are on. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The checkpoint that this run continues from, and the next batch to train on. */
  readonly resumed?: {
    readonly path: string;
    readonly step: number;
    readonly epoch: number;
    readonly batch: number;
    /** Samples of the epoch that were taken before. */
    readonly sample: number;
  };
}

/** Something to know that is no fault, for example that training continues with other data. */
export interface NoticeEvent {
  readonly kind: 'notice';
  readonly step: number;
  readonly epoch: number;
  /** For people, one sentence. */
  readonly message: string;
}

/** One step of the optimizer. */
export interface StepEvent {
  readonly kind: 'step';
  /** Steps so far, this one included. */
  readonly step: number;
  readonly epoch: number;
  /** Position of the batch in its epoch, from 0. */
  readonly batch: number;
  /** Samples in the batch. */
  readonly size: number;
  /** Of this batch, before the step. */
  readonly metrics: Metrics;
  readonly learningRate: number;
  /** In [0, 1]. */
  readonly progress: number;
  /** Milliseconds of computation. */
  readonly stepMs: number;
  /** Milliseconds that the trainer waited for the batch: more than a little means that the stream starves it. */
  readonly waitMs: number;
}

/** How a classifier does class by class. */
export interface ByClass {
  /** Names, in the order of all the lists. */
  readonly classes: readonly string[];
  /** Samples of each class that were measured. */
  readonly samples: readonly number[];
  /** The share of them that was recognized, in [0, 1]; null where there was none. */
  readonly accuracy: readonly (number | null)[];
  /** `confusion[i][j]`: samples of class i that were taken for class j. Absent above 100 classes. */
  readonly confusion?: readonly (readonly number[])[];
}

/** Something was measured without training on it. */
export interface EvaluationEvent {
  readonly kind: 'evaluation';
  /** 'validation', or 'train' for training images without their augmentation. */
  readonly set: string;
  readonly epoch: number;
  readonly step: number;
  readonly samples: number;
  readonly metrics: Metrics;
  /** Class by class, of a classifier. */
  readonly byClass?: ByClass;
  /** Samples that could not be measured, where there are any. */
  readonly bad?: readonly BadSample[];
}

/** A pass over the data is complete. */
export interface EpochEvent {
  readonly kind: 'epoch';
  readonly epoch: number;
  readonly step: number;
  readonly samples: number;
  /** Means over the batches as they were trained on: augmented, while the parameters moved. */
  readonly train: Metrics;
  /** Of the training images without augmentation, where they were given. */
  readonly clean?: Metrics;
  readonly validation?: Metrics;
  /** Training accuracy (clean where there is one) less validation accuracy. */
  readonly gap?: number;
  /** After the last step of the epoch, as they are trained: not their moving average. */
  readonly weights?: WeightsReport;
  readonly learningRate: number;
  readonly seconds: number;
  /** Absent where all steps were made before the training was resumed. */
  readonly imagesPerSecond?: number;
  /** Samples that could not be used in this epoch, where there are any: how many, and the first of them. */
  readonly leftOut?: { readonly count: number; readonly first: BadSample };
}

/** A checkpoint is safely on disk. */
export interface CheckpointEvent {
  readonly kind: 'checkpoint';
  readonly path: string;
  readonly step: number;
  readonly epoch: number;
  readonly reason: 'epoch' | 'every' | 'best' | 'stopped' | 'done';
}

/** Why training ended before its data did. */
export interface StoppedEvent {
  readonly kind: 'stopped';
  readonly reason: 'aborted' | 'early-stopping';
  readonly step: number;
  readonly epoch: number;
  /** For people, one sentence. */
  readonly message: string;
}

/** The last event of a run that did not fail; a stopped run has one too. */
export interface DoneEvent {
  readonly kind: 'done';
  readonly step: number;
  /** Epochs that are complete. */
  readonly epochs: number;
  readonly stopped?: StoppedEvent['reason'];
  /** As in the last epoch event, or in the best epoch's when its parameters were restored. */
  readonly train?: Metrics;
  readonly clean?: Metrics;
  readonly validation?: Metrics;
  readonly gap?: number;
  /** Of the model that training ends with. */
  readonly weights?: WeightsReport;
  /** The best epoch by the metric that early stopping watches. */
  readonly best?: {
    readonly epoch: number;
    readonly metric: string;
    readonly value: number;
    readonly restored: boolean;
  };
  readonly checkpoint?: string;
  readonly seconds: number;
  /** Absent where nothing was trained, since the training was finished already. */
  readonly imagesPerSecond?: number;
}

/**
 * An event of a trainer: plain JSON. Progress lines, logs, plots and pages read these and nothing else, so a log
 * file can be replayed through any of them.
 */
export type TrainEvent =
  | StartEvent
  | NoticeEvent
  | StepEvent
  | EvaluationEvent
  | EpochEvent
  | CheckpointEvent
  | StoppedEvent
  | DoneEvent;
