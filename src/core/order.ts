/**
 * Whether a stream gives samples or batches, as far as its lineage tells: an operator in the wrong place is refused when
 * the pipeline is built, where the line of the script is known, and not when the first item arrives.
 */
import type { Observable } from 'rxjs';
import { RxaugError, UsageError } from './errors.js';
import { type Kind, kindOf } from './lineage.js';

const PLACE = { samples: 'before', batches: 'after' } as const;

/** Refuses a stream that is known to give the other kind of items. */
export function expectItems(owner: string, kind: Kind, from: Observable<unknown>): void {
  const given = kindOf(from);
  if (given !== undefined && given !== kind) throw new UsageError(sentence(owner, kind, given));
}

/** What is wrong with an item of another kind, where operators of RxJS stand between and the lineage does not tell. */
export const wrongItem = (owner: string, kind: Kind): RxaugError =>
  new RxaugError(sentence(owner, kind, 'something else'));

const sentence = (owner: string, kind: Kind, received: string) =>
  owner === 'batch'
    ? `batch: expected samples but received ${received}; leave one of the two batch() out`
    : `${owner}: expected ${kind} but received ${received}; put ${owner}() ${PLACE[kind]} batch()`;
