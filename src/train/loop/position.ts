/** The position of a training in its stream, in samples of an epoch, and checks that batches follow it. */
import { type Batch, RxaugError, show, UsageError } from '../../core/index.js';
import type { Start } from '../../stream/demand.js';
import type { Progress } from '../state/checkpoint.js';
import { counterpart, sourceChanges, sourceOf } from './data-identity.js';

export interface Position {
  readonly epoch: number;
  /** The number of the next batch. */
  readonly batch: number;
  /** Samples of the epoch so far; undefined if streams of batches were joined, which have no such number. */
  readonly sample: number | undefined;
  /** Digest of their ids, as in `Place`. */
  readonly digest: string;
}

export const beginning = (epoch: number): Position => ({ epoch, batch: 0, sample: 0, digest: '' });

/**
 * The position in a checkpoint. Older versions counted only batches, which is not enough in the middle of an epoch: batches
 * may have had any size, and samples may have been left out.
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
      `checkpoint ${path}: does not say how many samples of epoch ${epoch} were trained, because it comes from an older rxaug or from streams joined after batch(); resume from a checkpoint of the end of an epoch`,
    );
  }
  if (epochs !== undefined && epoch >= epochs && sample > 0) {
    throw new RxaugError(
      `checkpoint ${path}: was made in the middle of epoch ${epoch + 1} but epochs is ${epochs}; give epochs of ${epoch + 1} or more`,
    );
  }
  return { epoch, batch, sample, digest };
}

/** The position after a batch. If batches go back within an epoch, streams were joined. */
export function after(position: Position, { epoch, index, place }: Batch): Position {
  const joined = epoch === position.epoch && (position.sample === undefined || place.from < position.sample);
  return { epoch, batch: index + 1, sample: joined ? undefined : place.to, digest: place.digest };
}

/** Refuses the first batch of a resumed training if it lies before the position: it was trained on already. */
export function checkFirst({ epoch, place }: Batch, position: Position): void {
  if (epoch > position.epoch || (epoch === position.epoch && place.from >= (position.sample ?? 0))) return;
  throw new RxaugError(
    `resume: expected a stream that begins at sample ${position.sample} of epoch ${position.epoch} but received a batch from sample ${place.from} of epoch ${epoch} on; give the stream itself, without share() or a list of batches in between`,
  );
}

/** Refuses a batch of a finished epoch, and a batch without a place. */
export function checkOrder({ epoch, origin, place, gathering }: Batch, position: Position): void {
  if (!place || !gathering) {
    throw new UsageError(
      'train: expected batches with place and gathering, their position in the epoch; make batches with batch(), or copy all fields of a batch that you change',
    );
  }
  if (epoch >= position.epoch) return;
  throw new RxaugError(
    `train: expected epochs in order but received a batch of epoch ${epoch} of ${show(origin.name)} in epoch ${position.epoch}; join sources of one epoch each before batch()`,
  );
}

/**
 * Starts a stream at a position. An error ends the stream if the samples before the position are not those that were
 * trained on: the following samples would then be wrong too, some of them twice in that epoch or never.
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
        `checkpoint ${path}: was made after sample ${sample} of epoch ${epoch} but the stream has ${what}${changed.length > 0 ? ` (${changed.join('; ')})` : ''}; resume with the same data, order and seed`,
      );
    },
  };
}
