import { show, UsageError } from './errors.js';
import { newNameOf, RENAMED_TRANSFORMS } from './renamed.js';

/**
 * A list of named things, passed in and never filled by importing a file.
 *
 * @throws {UsageError} if a name is added twice, or `get` is given an unknown one, with the nearest known name
 * @example new Registry('lens', [{ name: 'wide' }]).get('wide') // → { name: 'wide' }
 */
export class Registry<T extends { readonly name: string }> {
  private readonly byName = new Map<string, T>();

  constructor(
    /** What the things are, for sentences: 'transform', 'model'. */
    readonly kind: string,
    items: Iterable<T> = [],
    /** What to do about a name that none comes near; default the known names. */
    private readonly advice?: string,
  ) {
    for (const item of items) this.add(item);
  }

  add(item: T): this {
    if (this.byName.has(item.name)) {
      throw new UsageError(`${this.kind} ${show(item.name)} is registered twice; rename one of them`);
    }
    this.byName.set(item.name, item);
    return this;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): T {
    const item = this.byName.get(name);
    if (item) return item;
    const renamed = Object.keys(RENAMED_TRANSFORMS).filter((old) => this.byName.has(newNameOf(old)));
    const meant = nearest(name, [...this.byName.keys(), ...renamed]);
    const near = meant === undefined ? undefined : newNameOf(meant);
    const hint = near ? `did you mean '${near}'?` : (this.advice ?? `known are ${this.names().join(', ')}`);
    throw new UsageError(`unknown ${this.kind} ${show(name)}; ${hint}`);
  }

  names(): string[] {
    return [...this.byName.keys()].sort();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.byName.values();
  }
}

/** The distance of two names costs the product of their lengths, and a longer name is no typing error. */
const LONGEST_NAME = 64;
/** The list of names may come from a file. */
const MOST_NAMES = 1000;

/**
 * The known name closest to a mistyped one (Levenshtein distance at most a third of its length, and 2 at least).
 * None where the name has more than 64 characters; of the known names the first 1,000 are looked at.
 */
export function nearest(
  name: string,
  known: readonly string[],
  distance: (a: string, b: string) => number = levenshtein,
): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known.slice(0, MOST_NAMES)) {
    // The distance is never less than the difference in length.
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

function levenshtein(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next[j] = Math.min(substituted, (row[j] as number) + 1, (next[j - 1] as number) + 1);
    }
    row = next;
  }
  return row[b.length] as number;
}
