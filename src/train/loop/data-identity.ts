/**
 * What a training was fed with: its data sets, how they were gathered into batches, and for how many epochs. A
 * checkpoint holds it, so that a training that continues with something else says so in one line.
 */
import { z } from 'zod';
import { type Batch, matchClasses, nameSome, type Origin, RxaugError, show } from '../../core/index.js';
import { learningRateAt, learningRateSchema } from '../optimizers/learning-rate.js';

const sourceSchema = z.object({
  name: z.string(),
  classes: z.array(z.string()),
  seed: z.number(),
  /** Samples in an epoch, where that is known. */
  size: z.number().optional(),
  shuffle: z.boolean(),
  perClass: z.number().optional(),
});
export type Source = z.output<typeof sourceSchema>;

export const fedSchema = z.object({
  batch: z.object({ size: z.number(), dropLast: z.boolean() }),
  sources: z.array(sourceSchema),
  /** Passes that progress counts by; absent: it does not. */
  epochs: z.number().optional(),
  /** The number, or the schedule. */
  learningRate: learningRateSchema,
});
export type FedRecord = z.output<typeof fedSchema>;

/** What of a checkpoint the comparison needs. */
export interface FedBefore {
  readonly path: string;
  readonly fed: FedRecord;
  /** Of the last step. */
  readonly learningRate: number;
}

export interface FedOptions {
  readonly learningRate: FedRecord['learningRate'];
  /** Passes that the trainer was given; else those of the source count. */
  readonly epochs?: number;
}

/** The data sets of a training, as they are seen in its batches. */
export class Fed {
  private sources: Source[];
  /** Sources that a checkpoint names and that no batch has had yet. */
  private unseen: Source[];
  private readonly known = new Set<Origin>();
  private gathering: FedRecord['batch'] = { size: 0, dropLast: false };
  private epochs: number | undefined;
  private first = true;
  /** Whether a whole epoch has been seen from its beginning. */
  private whole = false;

  constructor(
    private readonly options: FedOptions,
    private readonly before?: FedBefore,
  ) {
    this.sources = [...(before?.fed.sources ?? [])];
    this.unseen = [...this.sources];
  }

  /**
   * Notes what a batch is made of. Gives, in clauses, what is not as in the checkpoint, each once.
   * @throws RxaugError where a data set has another seed: it would continue with the order and the draws of another run.
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

  /** To be called when an epoch has ended: says which data sets of the checkpoint have given nothing to it. */
  endEpoch(): string[] {
    const gone = this.whole ? this.unseen : [];
    if (gone.length === 0) return [];
    this.unseen = [];
    this.sources = this.sources.filter((source) => !gone.includes(source));
    return [`nothing from ${nameSome(gone.map(({ name }) => name))}, which was trained on before`];
  }

  /** For a checkpoint; what an earlier one says, as long as no batch has come. */
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

  /** Where schedules stand, when they do not continue where they were. */
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

/** The source of a checkpoint that one of now stands for: the very same, one of its name, or the only one there is. */
export function counterpart(former: readonly Source[], source: Source): Source | undefined {
  return (
    former.find((other) => isSame(other, source)) ??
    former.find(({ name }) => name === source.name) ??
    (former.length === 1 ? former[0] : undefined)
  );
}

/** What is not as it was, seed aside: 'size 80, not 64'. */
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
