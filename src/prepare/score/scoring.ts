/** How a model is asked about images, as plain JSON: it goes into the plan, into the scan, and to the processes that scan. */
import type { PipelineJson } from '../../augment/recipe/serialize.js';
import { jsonDigest } from '../../core/files/json-digest.js';
import type { ImagePort, VectorPort } from './ports.js';

/** All that decides a score, other than the image and its label. */
export interface ModelQuery {
  /** SHA-256 of the file. */
  readonly model: string;
  readonly images: ImagePort;
  /** The input for the class of an image, one-hot. */
  readonly classInput?: VectorPort;
  readonly output: string;
  /** What a classifier gives; absent for a model of one number. */
  readonly gives?: 'logits' | 'probabilities';
  /** What images go through. */
  readonly transforms: PipelineJson;
  /** Options of the decoder that change pixels and are not the default. */
  readonly decoder?: Readonly<Record<string, unknown>>;
  /** Names of the classes, in the order of the model's numbers. */
  readonly classes?: readonly string[];
  /** Whether it is asked about the class that an image has. */
  readonly label: boolean;
}

/** A model of a filter. */
export interface Scoring {
  /** Name in messages: that of the filter. */
  readonly owner: string;
  /** Path; the bytes are those of `query.model`, or it is not run. */
  readonly file: string;
  /** Bytes that its process may hold. */
  readonly memory: number;
  readonly query: ModelQuery;
  /** Digest of `query`: the name of its scores in the facts. */
  readonly key: string;
}

/** A model, and which of its classes are those of the source. */
export interface Scorer extends Scoring {
  /** By class of the source: the model's number, −1 for none. Present where it is asked about labels. */
  readonly numbers?: readonly number[];
}

/** What a model says of an image; `failed` says why it says nothing. */
export type Scored =
  | {
      /** Probability of the class that the image has. */
      readonly own?: number;
      /** The largest probability, and the model's number of that class. */
      readonly top: number;
      readonly as: number;
    }
  | { readonly score: number }
  | { readonly failed: string };

export function scoringOf(owner: string, file: string, memory: number, query: ModelQuery): Scoring {
  return { owner, file, memory, query, key: jsonDigest(query).slice(0, 12) };
}

/** What of the models a scan depends on. */
export interface ScoreHead {
  readonly key: string;
  readonly model: string;
  /** Digest of the numbers of the classes. */
  readonly numbers?: string;
}

export const scoreHeads = (scorers: readonly Scorer[]): ScoreHead[] =>
  scorers.map(({ key, query, numbers }) => ({
    ...{ key, model: query.model },
    ...(numbers && { numbers: jsonDigest(numbers).slice(0, 12) }),
  }));
