/**
 * Which stream each stream was made from, and by which operator. It is recorded while a pipeline is built; its
 * augmentation can then be read back from its end. Streams of RxJS's own operators know their source.
 */
import type { Observable } from 'rxjs';
import type { Key } from './random.js';
import type { Draw } from './sample.js';

/** A transform as its pipeline stores it. */
export interface Named {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A transform of samples, which can be asked what it draws. */
export interface NamedSample extends Named {
  draw(key: Key, progress: number): readonly Draw[];
}

/** What a transform of batches gets when it draws. */
export interface BatchContext {
  /** B, the rows there are. */
  readonly size: number;
  readonly height: number;
  readonly width: number;
  readonly progress: number;
}

/** A transform of batches, which can be asked what it draws. */
export interface NamedBatch extends Named {
  draw(key: Key, context: BatchContext): readonly Draw[];
}

/** What a stream gives. */
export type Kind = 'samples' | 'batches';

export interface Link {
  /** The stream before; absent at a source. */
  readonly from?: Observable<unknown>;
  /** What comes out, where it is another kind than what goes in. */
  readonly gives?: Kind;
  /** What acts on each sample here. */
  readonly sample?: NamedSample;
  /** What acts on each batch here, in order. */
  readonly batch?: readonly NamedBatch[];
  /** How images are decoded, where they are rendered here. */
  readonly decoder?: Readonly<Record<string, unknown>>;
  /** What changes images here and is no transform: its effect on images is unknown. */
  readonly opaque?: string;
  /** An operator of RxJS, or of the user. */
  readonly foreign?: boolean;
}

const links = new WeakMap<object, Link>();

/** Notes what a stream was made of. */
export function linked<O extends Observable<unknown>>(stream: O, link: Link): O {
  links.set(stream, link);
  return stream;
}

/** What a stream gives; undefined where an operator of RxJS, or of the user, may have changed it. */
export function kindOf(stream: Observable<unknown>): Kind | undefined {
  for (let at: Observable<unknown> | undefined = stream; at; ) {
    const link: Link | undefined = links.get(at);
    if (!link || link.foreign) return undefined;
    if (link.gives) return link.gives;
    at = link.from;
  }
  return undefined;
}

/** From the source to a stream. */
export function lineage(end: Observable<unknown>): Link[] {
  const found: Link[] = [];
  for (let stream: Observable<unknown> | undefined = end; stream; ) {
    const link: Link = links.get(stream) ?? ofRxjs(stream);
    found.unshift(link);
    stream = link.from;
  }
  return found;
}

const ofRxjs = ({ source: from }: Observable<unknown>): Link =>
  from ? { from, foreign: true } : { opaque: 'a stream that does not tell what it is made of' };
