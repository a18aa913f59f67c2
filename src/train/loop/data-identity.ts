/**
 * The data of a training: its data sets, batches and epochs. A checkpoint holds them, so a resumed training with other
 * data reports the differences in one line.
 */
import { z } from 'zod';
import { type Batch, matchClasses, nameSome, type Origin, RxaugError, show } from '../../core/index.js';
import { learningRateAt, learningRateSchema } from '../optimizers/learning-rate.js';

const sourceSchema = z.object({
  name: z.string(),
  classes: z.array(z.string()),
  seed: z.number(),
  /** Samples in an epoch, if known. */
  size: z.number().optional(),
  shuffle: z.boolean(),
  perClass: z.number().optional(),
});
export type Source = z.output<typeof sourceSchema>;

export const fedSchema = z.object({
  batch: z.object({ size: z.number(), dropLast: z.boolean() }),
  sources: z.array(sourceSchema),
  /** Number of epochs by which progress is computed; absent: progress does not advance. */
  epochs: z.number().optional(),
  /** The number, or the schedule. */
  learningRate: learningRateSchema,
});
export type FedRecord = z.output<typeof fedSchema>;

/** The parts of a checkpoint that are compared. */
export interface FedBefore {
  readonly path: string;
  readonly fed: FedRecord;
  /** Learning rate of the last step. */
  readonly learningRate: number;
}

export interface FedOptions {
  readonly learningRate: FedRecord['learningRate'];
  /** The option `epochs` of the trainer; absent: those of the source count. */
  readonly epochs?: number;
}

/** The data sets of a training, collected from its batches. */
export class Fed {
  private sources: Source[];
  /** Sources named in the checkpoint that no batch has come from yet. */
  private unseen: Source[];
  private readonly known = new Set<Origin>();
  private gathering: FedRecord['batch'] = { size: 0, dropLast: false };
  private epochs: number | undefined;
  private first = true;
  /** Whether a whole epoch has passed from its beginning. */
  private whole = false;

  constructor(
    private readonly options: FedOptions,
    private readonly before?: FedBefore,
  ) {
    this.sources = [...(before?.fed.sources ?? [])];
    this.unseen = [...this.sources];
  }

  /**
   * Records the data of a batch. Returns the differences from the checkpoint as clauses, each once.
   * @throws RxaugError if a data set has another seed: order and draws would be those of another run.
   */
  note(batch: Batch): string[] {
    const { before, first } = this;
    this.first = false;
    this.gathering = batch.gathering;
    const { epochs = Number.POSITIVE_INFINITY } = batch.origin;
    this.epochs = this.options.epochs ?? (Number.isFinite(epochs) ? epochs : undefined);
    if (batch.place.from === 0) this.whole = true;
    const changes = first && before ? [...this.pace(batch, before), ...this.gathered(before)] : [];
    for (const { origin } of batch.samples) {
      if (this.known.has(origin)) continue;
      this.known.add(origin);
      changes.push(...this.meet(sourceOf(origin)));
    }
    return changes;
  }

  /** Call it at the end of an epoch. Returns which data sets of the checkpoint gave no batch in it. */
  endEpoch(): string[] {
    const gone = this.whole ? this.unseen : [];
    if (gone.length === 0) return [];
    this.unseen = [];
    this.sources = this.sources.filter((source) => !gone.includes(source));
    return [`nothing from ${nameSome(gone.map(({ name }) => name))}, which was trained on before`];
  }

  /** The record for a checkpoint; that of the earlier checkpoint until a batch has come. */
  record(): FedRecord | undefined {
    const { gathering, sources, epochs } = this;
    if (this.first) return this.before?.fed;
    return {
      batch: { size: gathering.size, dropLast: gathering.dropLast },
      sources: [...sources],
      ...(epochs !== undefined && { epochs }),
      learningRate: this.options.learningRate,
    };
  }

  private meet(source: Source): string[] {
    if (this.sources.some((other) => !this.unseen.includes(other) && isSame(other, source))) return [];
    const former = counterpart(this.unseen, source);
    if (!former) {
      this.sources.push(source);
      return this.before ? [`images of ${show(source.name)}, which were not trained on before`] : [];
    }
    this.unseen = this.unseen.filter((other) => other !== former);
    this.sources = this.sources.map((other) => (other === former ? source : other));
    const { path } = this.before as FedBefore;
    if (former.seed !== source.seed) {
      throw new RxaugError(
        `checkpoint ${path}: was trained on ${show(former.name)} with seed ${former.seed}, not ${source.seed}; use the same seed to continue`,
      );
    }
    const changed = sourceChanges(former, source);
    return changed.length > 0 ? [`${show(former.name)} changed (${changed.join(', ')})`] : [];
  }

  private gathered({ fed: { batch } }: FedBefore): string[] {
    const { size, dropLast } = this.gathering;
    return [
      ...(size !== batch.size ? [`batches of ${size}, not ${batch.size}`] : []),
      ...(dropLast !== batch.dropLast ? [`dropLast: ${dropLast}, not ${batch.dropLast}`] : []),
    ];
  }

  /** The jumps of schedules that do not continue where they were. */
  private pace({ progress }: Batch, { fed, learningRate: last }: FedBefore): string[] {
    const { epochs, options } = this;
    const stretched = epochs !== undefined && fed.epochs !== undefined ? epochs / fed.epochs : 1;
    const expected = learningRateAt(fed.learningRate, progress * stretched);
    const rate = learningRateAt(options.learningRate, progress);
    const rates =
      Math.abs(rate - expected) > 1e-9 * Math.max(rate, expected)
        ? [`the learning rate from ${short(last)} to ${short(rate)}`]
        : [];
    if (epochs !== fed.epochs) {
      const moves = [`progress goes from ${percent(progress * stretched)} to ${percent(progress)}`, ...rates];
      return [`epochs: ${epochs ?? 'open'}, not ${fed.epochs ?? 'open'} (${moves.join(' and ')})`];
    }
    if (rates.length > 0)
      return [`another learningRate, which goes${rates[0].slice('the learning rate'.length)}`];
    return JSON.stringify(fed.learningRate) === JSON.stringify(options.learningRate)
      ? []
      : ['another schedule of the learning rate'];
  }
}

export function sourceOf({ name, classes, seed, size, shuffle = false, perClass }: Origin): Source {
  return {
    name,
    classes: [...classes],
    seed,
    ...(size !== undefined && { size }),
    shuffle,
    ...(perClass !== undefined && { perClass }),
  };
}

const isSame = (a: Source, b: Source) =>
  a.seed === b.seed && a.name === b.name && sourceChanges(a, b).length === 0;

/** The source of a checkpoint that matches a current one: an equal one, one of the same name, or the only one. */
export function counterpart(former: readonly Source[], source: Source): Source | undefined {
  return (
    former.find((other) => isSame(other, source)) ??
    former.find(({ name }) => name === source.name) ??
    (former.length === 1 ? former[0] : undefined)
  );
}

/** The differences of two sources except the seed: 'size 80, not 64'. */
export function sourceChanges(was: Source, now: Source): string[] {
  const plain = (['name', 'size', 'shuffle', 'perClass'] as const).flatMap((field) =>
    now[field] === was[field]
      ? []
      : [`${field} ${show(now[field] ?? 'open')}, not ${show(was[field] ?? 'open')}`],
  );
  const { unknown, missing } = matchClasses(now.classes, was.classes);
  return [
    ...plain,
    ...(unknown.length > 0 ? [`with the classes ${nameSome(unknown)}`] : []),
    ...(missing.length > 0 ? [`without the classes ${nameSome(missing)}`] : []),
  ];
}

const short = (value: number) => String(Number(value.toPrecision(3)));
const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
