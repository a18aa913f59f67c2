/** Shares of each class that hold to within one group, at the price that additions count. */
import type { Key } from '../../core/random.js';
import { keyedUniform } from './keyed.js';
import { type SplitRows, UNSET } from './split-rows.js';

/**
 * Places every group that has no split yet: class by class, large groups first and else in keyed order, each into the split
 * that lacks most images of the class. A group's class is that of most of its images, the lowest of several.
 */
export function fillExactly(
  { length, group, label, counts = () => true }: SplitRows,
  groups: number,
  keyOfGroup: (g: number) => string,
  shares: readonly number[],
  home: Uint8Array,
  key: Key,
): void {
  const size = new Uint32Array(groups);
  for (let i = 0; i < length; i++) if (counts(i)) size[group[i] as number]++;
  const classes = majority(group, length, label, groups, counts);
  const place = Float64Array.from({ length: groups }, (_, g) => keyedUniform(key, keyOfGroup(g)));
  for (const members of byClass(classes)) {
    const all = members.reduce((sum, g) => sum + (size[g] as number), 0);
    const lacks = shares.map((share) => share * all);
    const open: number[] = [];
    for (const g of members) {
      const s = home[g] as number;
      if (s === UNSET) open.push(g);
      else lacks[s] = (lacks[s] as number) - (size[g] as number);
    }
    open.sort(
      (a, b) => (size[b] as number) - (size[a] as number) || (place[a] as number) - (place[b] as number),
    );
    for (const g of open) {
      let to = 0;
      for (let s = 1; s < lacks.length; s++) if ((lacks[s] as number) > (lacks[to] as number)) to = s;
      home[g] = to;
      lacks[to] = (lacks[to] as number) - (size[g] as number);
    }
  }
}

function byClass(classes: Int32Array): number[][] {
  const members = new Map<number, number[]>();
  classes.forEach((c, g) => {
    const known = members.get(c);
    if (known) known.push(g);
    else members.set(c, [g]);
  });
  return [...members].sort(([a], [b]) => a - b).map(([, groups]) => groups);
}

/** The class of most images of each group. */
function majority(
  group: Uint32Array,
  length: number,
  label: Int32Array | undefined,
  groups: number,
  counts: (i: number) => boolean,
): Int32Array {
  const classes = new Int32Array(groups).fill(-1);
  if (!label) return classes;
  // Almost all groups have one class; the votes of the others are counted.
  const seen = new Uint8Array(groups);
  const mixed = new Map<number, Map<number, number>>();
  for (let i = 0; i < length; i++) {
    if (!counts(i)) continue;
    const g = group[i] as number;
    if (seen[g] && classes[g] !== label[i]) mixed.set(g, new Map());
    else classes[g] = label[i] as number;
    seen[g] = 1;
  }
  for (let i = 0; mixed.size > 0 && i < length; i++) {
    const votes = counts(i) ? mixed.get(group[i] as number) : undefined;
    votes?.set(label[i] as number, (votes.get(label[i] as number) ?? 0) + 1);
  }
  for (const [g, votes] of mixed)
    classes[g] = ([...votes].sort(([a, m], [b, n]) => n - m || a - b)[0] as [number, number])[0];
  return classes;
}
