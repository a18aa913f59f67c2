/** Batch operators that run on the main thread because they do not stand directly behind `batch`. */
import type { Observable } from 'rxjs';
import { lineage } from '../core/lineage.js';

/** A sentence for each such operator of a stream of batches; none where the workers do all mixing. */
export function mixesOnMainThread(batches: Observable<unknown>): string[] {
  const links = lineage(batches);
  // The stream of `batch` itself holds what the workers mix.
  const after = links.slice(links.findIndex(({ gives }) => gives === 'batches') + 1);
  return after.flatMap(({ batch = [] }, i) => {
    const { opaque } = after.slice(0, i).find((link) => link.foreign || link.opaque) ?? {};
    const between = opaque ?? 'an operator of RxJS';
    return batch.map(
      ({ name }) =>
        `${name} runs on the main thread, because ${between} stands between batch() and it; put ${name}() directly behind batch()`,
    );
  });
}
