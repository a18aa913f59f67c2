/** What an earlier run decided stays: groups that it placed, and groups of its that additions have joined. */
import { showNames, UsageError } from '../../core/index.js';
import { type Earlier, type Merge, type SplitRows, UNSET } from './split-rows.js';

interface Side {
  since: number;
  smallest: string;
  readonly images: number[];
}

/** The split of each group that has been placed before, `UNSET` for the rest, and the merges. */
export function settle(
  { length, group, key, earlier }: SplitRows,
  names: readonly string[],
  groups: number,
): { readonly home: Uint8Array; readonly merges: Merge[] } {
  const home = new Uint8Array(groups).fill(UNSET);
  if (!earlier) return { home, merges: [] };
  const number = new Map(names.map((name, s) => [name, s]));
  const torn = new Map<number, Map<string, Side>>();
  for (let i = 0; i < length; i++) {
    const old = earlier(i);
    if (!old) continue;
    const s = number.get(old.split);
    if (s === undefined)
      throw new UsageError(
        `split: ${showNames([key(i)])} was in split ${showNames([old.split])} before, and shares has only ${showNames(names)}; keep its share, or start anew without the earlier assignment`,
      );
    const g = group[i] as number;
    if (home[g] === UNSET) home[g] = s;
    else if (home[g] !== s) torn.set(g, new Map());
  }
  for (let i = 0; torn.size > 0 && i < length; i++) {
    const sides = torn.get(group[i] as number);
    const old = sides && earlier(i);
    if (old) addTo(sides, old, i, key(i));
  }
  const merges = [...torn].sort(([a], [b]) => a - b).map(([g, sides]) => mergeOf(g, sides));
  for (const { group: g, to } of merges) home[g] = number.get(to) as number;
  return { home, merges };
}

function addTo(sides: Map<string, Side>, { split, since = 0 }: Earlier, i: number, key: string): void {
  const side = sides.get(split);
  if (!side) {
    sides.set(split, { since, smallest: key, images: [i] });
    return;
  }
  side.since = Math.min(side.since, since);
  if (key < side.smallest) side.smallest = key;
  side.images.push(i);
}

function mergeOf(group: number, sides: ReadonlyMap<string, Side>): Merge {
  const [winner, ...rest] = [...sides].sort(
    ([, a], [, b]) =>
      a.since - b.since || b.images.length - a.images.length || (a.smallest < b.smallest ? -1 : 1),
  );
  return {
    group,
    to: (winner as [string, Side])[0],
    from: rest.map(([split, { images }]) => ({ split, images })),
  };
}
