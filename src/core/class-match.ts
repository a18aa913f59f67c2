/**
 * Classes are matched by name: a class number has a meaning only with the list of names that it indexes.
 * Wherever two lists meet (a model and a validation set, two sources in one batch, a teacher and its student) numbers
 * are translated from one list to the other, or refused with the names that differ.
 */
import { show, showNames, UsageError } from './errors.js';
import type { Origin } from './sample.js';

/** How one list of class names lies in another. */
export interface ClassMatch {
  /** Both lists hold the same names in the same order: no number changes. */
  readonly same: boolean;
  /** Every class of the first list has the same number in the second: numbers stay, the second may have more. */
  readonly keepsNumbers: boolean;
  /** [classes of the first list]: the number of each class in the second list; −1 where it has none of that name. */
  readonly numbers: Int32Array;
  /** Names of the first list that the second does not have. */
  readonly unknown: readonly string[];
  /** Names of the second list that the first does not have. */
  readonly missing: readonly string[];
}

type Names = readonly string[];

/** Lists live as long as their data sets and models, and the same two meet once a batch. */
const matches = new WeakMap<Names, WeakMap<Names, ClassMatch>>();

/**
 * How `from` lies in `to`. The result is kept for the two arrays, which must not be changed afterwards.
 * @throws UsageError where the lists differ and one of them names a class twice, for then a name is no identity.
 */
export function matchClasses(from: Names, to: Names): ClassMatch {
  const known = matches.get(from) ?? new WeakMap<Names, ClassMatch>();
  matches.set(from, known);
  const match = known.get(to) ?? compare(from, to);
  known.set(to, match);
  return match;
}

/** Whether two lists hold the same names in the same order. */
export const sameClasses = (a: Names, b: Names): boolean =>
  a === b || (a.length === b.length && a.every((name, i) => name === b[i]));

/** Whether two lists hold the same names in any order. */
export function sameClassSet(a: Names, b: Names): boolean {
  const { unknown, missing } = matchClasses(a, b);
  return unknown.length === 0 && missing.length === 0;
}

function compare(from: Names, to: Names): ClassMatch {
  if (sameClasses(from, to)) {
    const numbers = Int32Array.from(from, (_, i) => i);
    return { same: true, keepsNumbers: true, numbers, unknown: [], missing: [] };
  }
  for (const list of [from, to]) {
    if (new Set(list).size === list.length) continue;
    const twice = list.find((name, i) => list.indexOf(name) !== i) as string;
    throw new UsageError(
      `classes: expected every class to have a name of its own but ${show(twice)} is named twice; rename one`,
    );
  }
  const places = new Map(to.map((name, i) => [name, i]));
  const own = new Set(from);
  const numbers = Int32Array.from(from, (name) => places.get(name) ?? -1);
  return {
    same: false,
    keepsNumbers: numbers.every((number, i) => number === i),
    numbers,
    unknown: from.filter((name) => !places.has(name)),
    missing: to.filter((name) => !own.has(name)),
  };
}

/** The first class names of a list, and how many more there are. */
export const nameSome = (names: Names): string => showNames(names, 4);

/** What sets the first list apart from the second, as a clause: "also has 'ant' and lacks 'zebra'". */
export function classDifference({ unknown, missing, same }: ClassMatch): string {
  const parts = [
    ...(unknown.length > 0 ? [`also has ${nameSome(unknown)}`] : []),
    ...(missing.length > 0 ? [`lacks ${nameSome(missing)}`] : []),
  ];
  if (parts.length > 0) return parts.join(' and ');
  return same ? 'has the same classes' : 'has them in another order';
}

/** [B, K of the first list] → [B, K of the second], row by row: each share moves to the class of the same name. */
export function spreadRows(
  rows: Float32Array,
  size: number,
  { numbers }: Pick<ClassMatch, 'numbers'>,
  classes: number,
): Float32Array {
  const own = numbers.length;
  const out = new Float32Array(size * classes);
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < own; k++) {
      const to = numbers[k] as number;
      if (to >= 0) out[row * classes + to] = rows[row * own + k] as number;
    }
  }
  return out;
}

const renamed = new WeakMap<Origin, WeakMap<Names, Origin>>();

/** A data set with these classes instead of its own: one object however often it is asked for. */
export function originAs(origin: Origin, classes: Names): Origin {
  if (origin.classes === classes) return origin;
  const known = renamed.get(origin) ?? new WeakMap<Names, Origin>();
  renamed.set(origin, known);
  const made = known.get(classes) ?? { ...origin, classes };
  known.set(classes, made);
  return made;
}
