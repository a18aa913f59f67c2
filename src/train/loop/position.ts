/** Where a training stands in its stream, in samples of an epoch, and how a stream is held to it. */
import { type Batch, RxaugError, show, UsageError } from '../../core/index.js';
import type { Start } from '../../stream/demand.js';
import type { Progress } from '../state/checkpoint.js';
import { counterpart, sourceChanges, sourceOf } from './data-identity.js';

export interface Position {
  readonly epoch: number;
  /** The number of the next batch. */
  readonly batch: number;
  /** Samples of the epoch that were taken; undefined where streams of batches were joined, and no number says it. */
  readonly sample: number | undefined;
  /** Of their ids, as in `Place`. */
  readonly digest: string;
}

export const beginning = (epoch: number): Position => ({ epoch, batch: 0, sample: 0, digest: '' });

/**
 * The position that a checkpoint holds. One that counts batches alone, as older versions wrote it, says nothing in
 * the middle of an epoch: batches may have had any size, and samples that could not be used.
 */
export function positionOf(
  path: string,
  { position }: Pick<Progress, 'position'>,
  epochs?: number,
): Position {
  const { epoch, batch, digest = '' } = position;
  const sample = position.sample ?? (batch === 0 ? 0 : undefined);
  if (sample === undefined) {
    throw new RxaugError(
      `checkpoint ${path}: does not say how many samples of epoch ${epoch} were trained, for it is of an older rxaug or of streams that were joined behind batch(); resume from a checkpoint of the end of an epoch`,
    );
  }
  if (epochs !== undefined && epoch >= epochs && sample > 0) {
    throw new RxaugError(
      `checkpoint ${path}: was made in the middle of epoch ${epoch + 1} but epochs is ${epochs}; give epochs of ${epoch + 1} or more`,
    );
  }
  return { epoch, batch, sample, digest };
}

/** The position after a batch. Where batches go back within an epoch, their streams were joined. */
export function after(position: Position, { epoch, index, place }: Batch): Position {
  const joined = epoch === position.epoch && (position.sample === undefined || place.from < position.sample);
  return { epoch, batch: index + 1, sample: joined ? undefined : place.to, digest: place.digest };
}

/** Refuses the first batch of a resumed training where it lies before the position: it has been trained on. */
export function checkFirst({ epoch, place }: Batch, position: Position): void {
  if (epoch > position.epoch || (epoch === position.epoch && place.from >= (position.sample ?? 0))) return;
  throw new RxaugError(
    `resume: expected a stream that begins at sample ${position.sample} of epoch ${position.epoch} but received a batch from sample ${place.from} of epoch ${epoch} on; give the stream itself, without share() or a list of batches in between`,
  );
}

/** Refuses a batch of an epoch that has ended, and one that does not say where it lies. */
export function checkOrder({ epoch, origin, place, gathering }: Batch, position: Position): void {
  if (!place || !gathering) {
    throw new UsageError(
      'train: expected batches with place and gathering, which say where they lie in the epoch; make them with batch(), or keep all fields of a batch that you change',
    );
  }
  if (epoch >= position.epoch) return;
  throw new RxaugError(
    `train: expected epochs in order but received a batch of epoch ${epoch} of ${show(origin.name)} in epoch ${position.epoch}; join sources of one epoch each before batch()`,
  );
}

/**
 * The start of a stream at a position. If the samples before it are others than those that were trained on, one
 * sentence ends the stream: what follows them would be other samples too, twice or never in that epoch.
 */
export function startAt(path: string, position: Position, { fed }: Pick<Progress, 'fed'>): Start {
  const { epoch, batch, sample, digest } = position;
  return {
    epoch,
    batch,
    sample,
    passed({ samples, digest: found, origins }) {
      if (samples === sample && (digest === '' || found === digest)) return;
      const what = samples === sample ? 'others before it' : `only ${samples} samples in that epoch`;
      const changed = origins.flatMap((origin) => {
        const now = sourceOf(origin);
        const was = counterpart(fed?.sources ?? [], now);
        if (!was) return [];
        const seed = was.seed === now.seed ? [] : [`seed ${now.seed}, not ${was.seed}`];
        const list = [...seed, ...sourceChanges(was, now)];
        return list.length > 0 ? [`${show(was.name)}: ${list.join(', ')}`] : [];
      });
      throw new RxaugError(
        `checkpoint ${path}: was made after sample ${sample} of epoch ${epoch} but the stream has ${what}${changed.length > 0 ? ` (${changed.join('; ')})` : ''}; resume with the data, the order and the seed that it was made with`,
      );
    },
  };
}
